################################################################################
#
# flexlogin
#
# UNTESTED: written after Buildroot's cargo infrastructure, and never built with it. Needs a Buildroot whose Rust is 1.92
# or newer. Copy this folder to package/flexlogin, source its Config.in, and put the source beside it, as an archive:
# FLEXLOGIN_OVERRIDE_SRCDIR would leave out the crates, which are fetched when an archive is.
#   git archive --prefix=flexlogin-0.1.0/ --output=BUILDROOT/package/flexlogin/flexlogin-0.1.0.tar.gz HEAD
#
################################################################################

FLEXLOGIN_VERSION = 0.1.0
FLEXLOGIN_SOURCE = flexlogin-$(FLEXLOGIN_VERSION).tar.gz
FLEXLOGIN_SITE = file://$(TOPDIR)/package/flexlogin
# Our files are MIT or Apache-2.0; the program contains Slint and IBM Plex Sans: see LICENSE-BINARY.md.
FLEXLOGIN_LICENSE = GPL-3.0, OFL-1.1 (fonts)
FLEXLOGIN_LICENSE_FILES = LICENSE-MIT LICENSE-APACHE LICENSE-BINARY.md assets/fonts/OFL.txt
FLEXLOGIN_DEPENDENCIES = ca-certificates

# What the profile `device` says, since the infrastructure builds `release`; and what .cargo/config.toml says, since the
# crates that are fetched get a configuration of their own in its place.
FLEXLOGIN_CARGO_ENV = \
	CARGO_PROFILE_RELEASE_OPT_LEVEL=s \
	CARGO_PROFILE_RELEASE_LTO=fat \
	CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
	AWS_LC_SYS_NO_JITTER_ENTROPY=1
FLEXLOGIN_CARGO_BUILD_OPTS = --no-default-features --features kiosk --bin flexlogin
FLEXLOGIN_CARGO_INSTALL_OPTS = $(FLEXLOGIN_CARGO_BUILD_OPTS)

# As in cross/package/sysusers.d; the unit names a home that is there.
define FLEXLOGIN_USERS
	flexlogin -1 flexlogin -1 * - - - MitID login on a display
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
