# UNTESTED: written after the classes of OpenEmbedded-Core, and never built with them. Needs an OpenEmbedded-Core whose Rust
# is 1.92 or newer, and systemd.
#
# Put this file into a layer of yours and name the source in local.conf, EXTERNALSRC:pn-flexlogin = "/path/to/flexlogin".
# `bitbake -c update_crates flexlogin` writes the list of crates, flexlogin-crates.inc, from Cargo.lock.
SUMMARY = "MitID login for screens that have no browser"
DESCRIPTION = "MitID login over OpenID CIBA on the display of a device, with a remote control, a keyboard or a finger"
# Our files are MIT or Apache-2.0; the program contains Slint and IBM Plex Sans: see LICENSE-BINARY.md.
LICENSE = "GPL-3.0-only & OFL-1.1"
LIC_FILES_CHKSUM = "\
    file://LICENSE-MIT;md5=b4949e23c056d2f04f6910a8b4d05242 \
    file://assets/fonts/OFL.txt;md5=4d4949dda4b23922e334f0cbf6179065 \
"

inherit externalsrc cargo cargo-update-recipe-crates features_check systemd useradd
include flexlogin-crates.inc

REQUIRED_DISTRO_FEATURES = "systemd"

BUILD_MODE = "--profile device"
BUILD_DIR = "device"
CARGO_BUILD_FLAGS:append = " --no-default-features --features kiosk --bin flexlogin"
# What the profile takes away goes into the package of debug symbols here.
export CARGO_PROFILE_DEVICE_STRIP = "none"
# What .cargo/config.toml says, which cargo does not find from where it is started here.
export AWS_LC_SYS_NO_JITTER_ENTROPY = "1"

do_install() {
    install -D -m 0755 ${B}/target/${CARGO_TARGET_SUBDIR}/flexlogin ${D}${bindir}/flexlogin
    install -D -m 0644 ${S}/cross/package/flexlogin.service ${D}${systemd_system_unitdir}/flexlogin.service
    install -D -m 0644 ${S}/cross/package/udev/60-flexlogin.rules ${D}${nonarch_base_libdir}/udev/rules.d/60-flexlogin.rules
    install -D -m 0644 ${S}/cross/package/flexlogin.toml ${D}${sysconfdir}/flexlogin/flexlogin.toml
    install -D -m 0644 ${S}/cross/package/flexlogin.1 ${D}${mandir}/man1/flexlogin.1
}

SYSTEMD_SERVICE:${PN} = "flexlogin.service"
# A device is configured before it asks anybody.
SYSTEMD_AUTO_ENABLE = "disable"
CONFFILES:${PN} = "${sysconfdir}/flexlogin/flexlogin.toml"

# As in cross/package/sysusers.d.
USERADD_PACKAGES = "${PN}"
USERADD_PARAM:${PN} = "--system --user-group --home-dir /run/flexlogin --no-create-home --shell /sbin/nologin flexlogin"
RDEPENDS:${PN} = "ca-certificates"
# cec-ctl, for the remote of a TV (meta-oe).
RRECOMMENDS:${PN} = "v4l-utils"
