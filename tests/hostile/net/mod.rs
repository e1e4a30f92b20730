//! Two network namespaces joined by virtual cables, and no way out of them.

mod capture;
mod dns;
mod namespace;
mod web;

pub(crate) use capture::{Kind, Packet, send_as_the_browser};
pub(crate) use dns::Answer;
pub(crate) use namespace::{Internet, enter, is_inside};
pub(crate) use web::{MARKER, Page};

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where all sites of the tests are.
pub(crate) const SITE: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));

/// The same by IPv6.
pub(crate) const SITE_V6: IpAddr =
    IpAddr::V6(Ipv6Addr::new(0x2606, 0x2800, 0x21f, 0, 0, 0, 0, 0x14));

/// The only name server that the product is told of.
pub(crate) const NAME_SERVER: Ipv4Addr = Ipv4Addr::new(9, 9, 9, 9);

/// A site on loopback, which browsers take for a secure context as they do https.
pub(crate) const SECURE_PORT: u16 = 8088;

/// The product's addresses: `product` is where its own packets come from, `browser` where those of
/// the browser's user would.
pub(crate) mod exit {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    pub(crate) const PRODUCT: [IpAddr; 2] = [
        IpAddr::V4(Ipv4Addr::new(45, 76, 1, 2)),
        IpAddr::V6(Ipv6Addr::new(0x2a05, 0xf480, 1, 0, 0, 0, 0, 2)),
    ];
    pub(crate) const BROWSER: [IpAddr; 2] = [
        IpAddr::V4(Ipv4Addr::new(45, 76, 2, 2)),
        IpAddr::V6(Ipv6Addr::new(0x2a05, 0xf480, 2, 0, 0, 0, 0, 2)),
    ];
}
