//! The bus against real brokers: the one installed here, and RabbitMQ 4.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout
)]

mod consume;
mod listen;
mod outage;
mod publish;
mod support;
mod topology;

/// The same test on the broker that is installed and on RabbitMQ 4.
macro_rules! on_each_broker {
    ($($name:ident),* $(,)?) => {
        mod on_the_installed_broker {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::support::Broker::installed().await).await;
            })*
        }
        mod on_rabbitmq_4 {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(broker) = $crate::support::Broker::four().await {
                    super::$name(broker).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_broker;
