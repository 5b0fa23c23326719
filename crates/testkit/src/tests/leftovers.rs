use crate::database::Cluster;

#[tokio::test]
async fn what_a_process_that_is_no_more_left_behind_is_swept() {
    // Linux gives no process this number: it is one over the highest.
    let (left, own) = ("test_4194305_0", format!("test_{}_own", std::process::id()));
    let cluster = Cluster::adopt().await.unwrap();
    for name in [left, &own] {
        cluster.administer(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
        cluster.administer(&format!("CREATE DATABASE {name}")).await.unwrap();
    }
    let again = Cluster::adopt().await.unwrap();
    let there = again.databases("test%").await.unwrap();
    again.administer(&format!("DROP DATABASE {own}")).await.unwrap();
    assert!(there.iter().all(|database| database.name != left), "it is still there");
    assert!(there.iter().any(|database| database.name == own), "what is in use was swept");
}
