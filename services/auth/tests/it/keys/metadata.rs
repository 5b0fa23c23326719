//! GET /auth/.well-known/oauth-authorization-server.

use crate::support::TestApp;

#[tokio::test]
async fn clients_find_the_keys_and_the_way_in() {
    let app = TestApp::start().await;
    let answer = app.nobody().get("/auth/.well-known/oauth-authorization-server").await;
    answer.has_status(200);
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "grant_types_supported": [
        "client_credentials"
      ],
      "introspection_endpoint": "http://127.0.0.1:8080/api/v1/auth/introspect",
      "introspection_endpoint_auth_methods_supported": [
        "private_key_jwt",
        "Bearer"
      ],
      "issuer": "http://auth.test",
      "jwks_uri": "http://127.0.0.1:8080/api/v1/auth/.well-known/jwks.json",
      "response_types_supported": [],
      "revocation_endpoint": "http://127.0.0.1:8080/api/v1/auth/revoke",
      "revocation_endpoint_auth_methods_supported": [
        "none",
        "private_key_jwt"
      ],
      "scopes_supported": [
        "api"
      ],
      "token_endpoint": "http://127.0.0.1:8080/api/v1/auth/token",
      "token_endpoint_auth_methods_supported": [
        "private_key_jwt"
      ],
      "token_endpoint_auth_signing_alg_values_supported": [
        "ES256",
        "EdDSA"
      ],
      "ui_locales_supported": [
        "fr",
        "en"
      ]
    }
    "#);
}
