// @generated automatically by Diesel CLI.

diesel::table! {
    email_tokens (token_hash) {
        token_hash -> Bytea,
        user_id -> Uuid,
        purpose -> Text,
        email -> Text,
        password_hash -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    exchange_codes (code_hash) {
        code_hash -> Bytea,
        user_id -> Uuid,
        code_challenge -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    identities (id) {
        id -> Uuid,
        user_id -> Uuid,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
    }
}

diesel::table! {
    identity_requests (token_hash) {
        token_hash -> Bytea,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        browser_hash -> Bytea,
    }
}

diesel::table! {
    known_devices (token_hash) {
        token_hash -> Bytea,
        user_id -> Uuid,
        device -> Text,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
    }
}

diesel::table! {
    login_failures (identifier_hmac, origin) {
        identifier_hmac -> Text,
        origin -> Text,
        failed_at -> Array<Nullable<Timestamptz>>,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    profiles (user_id) {
        user_id -> Uuid,
        full_name -> Nullable<Text>,
        profile_picture_url -> Nullable<Text>,
        preferences -> Nullable<Jsonb>,
        version -> Int8,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    provider_returns (state_hash) {
        state_hash -> Bytea,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Bytea,
        session_id -> Uuid,
        counter -> Int4,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    revocations (id) {
        id -> Uuid,
        session_id -> Nullable<Uuid>,
        token_id -> Nullable<Uuid>,
        user_id -> Nullable<Uuid>,
        not_before -> Nullable<Timestamptz>,
        revoked_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    security_events (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        kind -> Text,
        session_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        device -> Nullable<Text>,
        ip_prefix -> Nullable<Text>,
        identifier_hmac -> Nullable<Text>,
        ip_hmac -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        client_id -> Text,
        device -> Text,
        ip_prefix -> Nullable<Text>,
        amr -> Array<Nullable<Text>>,
        family_salt -> Bytea,
        auth_time -> Timestamptz,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        algorithm -> Text,
        state -> Text,
        public_jwk -> Jsonb,
        sealed_private_key -> Bytea,
        created_at -> Timestamptz,
        activated_at -> Nullable<Timestamptz>,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        username -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        locale -> Text,
        roles -> Array<Nullable<Text>>,
        tier -> Text,
        is_active -> Bool,
        is_verified -> Bool,
        failed_login_attempts -> Int4,
        locked_until -> Nullable<Timestamptz>,
        tokens_not_before -> Nullable<Timestamptz>,
        last_login_at -> Nullable<Timestamptz>,
        contact_version -> Int8,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(email_tokens -> users (user_id));
diesel::joinable!(exchange_codes -> users (user_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(identity_requests -> email_tokens (token_hash));
diesel::joinable!(known_devices -> users (user_id));
diesel::joinable!(profiles -> users (user_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(security_events -> users (user_id));
diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    email_tokens,
    exchange_codes,
    identities,
    identity_requests,
    known_devices,
    login_failures,
    profiles,
    provider_returns,
    refresh_tokens,
    revocations,
    security_events,
    sessions,
    signing_keys,
    users,
);
