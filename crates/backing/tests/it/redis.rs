use backing::Redis;
use redis::AsyncCommands;
use settings::ExposeSecret;

use crate::support::{LOOPBACK, Yard, listens, program, told, with_wrong_password};

async fn enter(url: &str) -> redis::RedisResult<redis::aio::MultiplexedConnection> {
    redis::Client::open(url).unwrap().get_multiplexed_async_connection().await
}

#[tokio::test]
async fn values_stay_when_the_server_stops_and_a_wrong_password_is_refused() {
    let yard = Yard::new("redis");
    let server = Redis::start(&yard.plan(), &told).await.unwrap();
    let url = server.url();
    assert!(program(server.pid()).starts_with("redis"), "{}", program(server.pid()));
    assert_eq!(listens(server.pid()), [format!("{LOOPBACK}:{}", yard.ports.redis)]);
    let mut connection = enter(url.expose_secret()).await.unwrap();
    let () = connection.set("kept", 7).await.unwrap();
    server.stop().await.unwrap();
    assert!(enter(url.expose_secret()).await.is_err());

    let server = Redis::start(&yard.plan(), &told).await.unwrap();
    let kept: i64 = enter(url.expose_secret()).await.unwrap().get("kept").await.unwrap();
    assert_eq!(kept, 7);
    let refusal = enter(&with_wrong_password(&server.url())).await.err().unwrap();
    assert_eq!(refusal.kind(), redis::ErrorKind::AuthenticationFailed);
    let nobody = format!("redis://127.0.0.1:{}/", yard.ports.redis);
    let refusal = redis::cmd("PING").query_async::<()>(&mut enter(&nobody).await.unwrap()).await.err().unwrap();
    assert!(refusal.to_string().contains("NOAUTH"), "{refusal}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_given_from_outside_is_used_and_left_running() {
    let yard = Yard::new("givenredis");
    let private = Redis::start(&yard.plan(), &told).await.unwrap();
    let other = Yard::new("usesredis");
    let mut plan = other.plan();
    plan.given.redis = Some(private.url());
    let given = Redis::start(&plan, &told).await.unwrap();
    assert_eq!((given.pid(), given.log()), (None, None));
    assert_eq!(given.url().expose_secret(), private.url().expose_secret());
    given.stop().await.unwrap();
    enter(private.url().expose_secret()).await.unwrap();
    private.stop().await.unwrap();

    let refusal = Redis::start(&plan, &told).await.err().unwrap().to_string();
    assert!(refusal.contains("given from outside") && refusal.contains(&yard.ports.redis.to_string()), "{refusal}");
}
