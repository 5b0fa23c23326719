//! Who is at the other end.

use auth::sessions::Visitor;
use auth::sessions::visitor::device;

#[test]
fn a_device_is_called_by_its_browser_and_system() {
    for (agent, name) in [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Some("Firefox, Linux")),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            Some("Edge, Windows"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            Some("Chrome, Android"),
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", Some("Safari, iOS")),
        ("curl/8.14.1", Some("curl")),
        ("MyApp/1.0", Some("MyApp")),
        ("<script>alert(1)</script>", Some("scriptalert")),
        ("", None),
    ] {
        assert_eq!(device(agent).as_deref(), name, "{agent}");
    }
}

#[test]
fn a_network_is_a_prefix_of_the_address() {
    for (address, network) in [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
    ] {
        let visitor = Visitor { address: address.parse().ok(), device: None };
        assert_eq!(visitor.network().as_deref(), Some(network));
    }
    assert_eq!(Visitor::default().network(), None);
    assert_eq!(Visitor::default().named(Some("Portable")), "Portable");
}
