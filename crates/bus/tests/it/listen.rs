use std::time::Duration;

use bus::{Heard, Message};
use contracts::Exchange;
use tokio::sync::watch;

use crate::on_each_broker;
use crate::support::{Broker, Seen, event};

on_each_broker!(every_listener_hears_each_revocation_once);

async fn every_listener_hears_each_revocation_once(broker: Broker) {
    // A listener may be there before any service.
    let (_stop, stop) = watch::channel(false);
    let buses = ["listens-1", "listens-2"].map(|service| broker.bus(service));
    let heard = [Seen::new(), Seen::new()];
    for (bus, heard) in buses.iter().zip(&heard) {
        let heard = heard.clone();
        tokio::spawn(bus.listen(move |what| heard.add(told(&what)), stop.clone()));
    }
    for heard in &heard {
        heard.wait_for(1, Duration::from_secs(20)).await;
    }
    let auth = broker.serving("tells", &[]).await;
    for n in 0..3 {
        let revoked = event("tells.session.revoked.v1", &format!("session-{n}"), 1);
        auth.publish_one(Message::new(Exchange::Revocations, &revoked)).await.unwrap();
    }
    for heard in &heard {
        heard.wait_for(4, Duration::from_secs(20)).await;
        // Other tests tell things too.
        let own: Vec<_> = heard.all().into_iter().filter(|what| !what.starts_with("unheard")).collect();
        assert_eq!(own, ["from here on", "tells session-0", "tells session-1", "tells session-2"]);
    }
}

fn told(heard: &Heard) -> String {
    match heard {
        Heard::Reconnected => "from here on".into(),
        Heard::Message(event) => {
            format!("{} {}", event.event_type.split('.').next().unwrap(), event.subject)
        }
    }
}
