################################################################################
#
# flexlogin
#
# UNTESTED: written after Buildroot's cargo infrastructure, and never built with it. Needs Rust 1.92 or newer.
# Copy this folder to package/flexlogin, source its Config.in, and name the source in local.mk:
#   FLEXLOGIN_OVERRIDE_SRCDIR = /path/to/flexlogin
#
################################################################################

FLEXLOGIN_VERSION = 0.1.0
# Our files are MIT or Apache-2.0; the program contains Slint: see LICENSE-BINARY.md.
FLEXLOGIN_LICENSE = GPL-3.0
FLEXLOGIN_LICENSE_FILES = LICENSE-MIT LICENSE-APACHE LICENSE-BINARY.md
FLEXLOGIN_DEPENDENCIES = ca-certificates

# What the profile `device` says; the infrastructure builds `release`.
FLEXLOGIN_CARGO_ENV = \
	CARGO_PROFILE_RELEASE_OPT_LEVEL=s \
	CARGO_PROFILE_RELEASE_LTO=fat \
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
FLEXLOGIN_CARGO_BUILD_OPTS = --no-default-features --features kiosk --bin flexlogin
FLEXLOGIN_CARGO_INSTALL_OPTS = $(FLEXLOGIN_CARGO_BUILD_OPTS)

define FLEXLOGIN_USERS
	flexlogin -1 flexlogin -1 * /run/flexlogin - - MitID login on a display
endef

define FLEXLOGIN_INSTALL_INIT_SYSTEMD
	$(INSTALL) -D -m 0644 $(@D)/cross/package/flexlogin.service \
		$(TARGET_DIR)/usr/lib/systemd/system/flexlogin.service
	$(INSTALL) -D -m 0644 $(@D)/cross/package/udev/60-flexlogin.rules \
		$(TARGET_DIR)/usr/lib/udev/rules.d/60-flexlogin.rules
	$(INSTALL) -D -m 0644 $(@D)/cross/package/flexlogin.toml \
		$(TARGET_DIR)/etc/flexlogin/flexlogin.toml
endef

$(eval $(cargo-package))
