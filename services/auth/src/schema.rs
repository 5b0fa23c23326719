// @generated automatically by Diesel CLI.

diesel::table! {
    deactivations (user_id) {
        user_id -> Uuid,
        actor_id -> Uuid,
        reason_code -> Text,
        reason -> Text,
        created_at -> Timestamptz,
    }
}

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
    erased_subjects (user_id) {
        user_id -> Uuid,
        erasure_id -> Uuid,
        erased_at -> Timestamptz,
        receipt -> Jsonb,
    }
}

diesel::table! {
    erasure_steps (erasure_id, service) {
        erasure_id -> Uuid,
        service -> Text,
        state -> Text,
        attempts -> Int4,
        asked_at -> Timestamptz,
        next_at -> Nullable<Timestamptz>,
        receipt -> Nullable<Jsonb>,
        confirmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    erasures (id) {
        id -> Uuid,
        user_id -> Uuid,
        state -> Text,
        receipt_hash -> Bytea,
        pseudonym -> Text,
        sealed_address -> Nullable<Bytea>,
        is_told -> Bool,
        was_active -> Bool,
        locale -> Text,
        requested_by -> Nullable<Uuid>,
        requested_at -> Timestamptz,
        grace_until -> Timestamptz,
        deadline -> Timestamptz,
        begun_at -> Nullable<Timestamptz>,
        stalled_at -> Nullable<Timestamptz>,
        alarmed_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        cancelled_at -> Nullable<Timestamptz>,
        farewell_id -> Nullable<Uuid>,
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
    export_parts (export_id, service, number) {
        export_id -> Uuid,
        service -> Text,
        number -> Int4,
        file -> Text,
        content -> Text,
    }
}

diesel::table! {
    export_services (export_id, service) {
        export_id -> Uuid,
        service -> Text,
        state -> Text,
        asked -> Int4,
        received -> Int4,
        total -> Nullable<Int4>,
    }
}

diesel::table! {
    exports (id) {
        id -> Uuid,
        user_id -> Uuid,
        state -> Text,
        asked -> Int4,
        next_at -> Nullable<Timestamptz>,
        requested_at -> Timestamptz,
        ready_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    gdpr_participants (service) {
        service -> Text,
        announced_at -> Timestamptz,
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
    identity_codes (code_hash) {
        code_hash -> Bytea,
        user_id -> Uuid,
        code_challenge -> Text,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
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
    mfa_challenges (token_hash) {
        token_hash -> Bytea,
        user_id -> Uuid,
        account_version -> Int8,
        amr -> Array<Nullable<Text>>,
        device_name -> Nullable<Text>,
        tries -> Int4,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    passkey_ceremonies (ticket_hash) {
        ticket_hash -> Bytea,
        user_id -> Nullable<Uuid>,
        purpose -> Text,
        state -> Jsonb,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Uuid,
        user_id -> Uuid,
        credential_id -> Bytea,
        credential -> Jsonb,
        name -> Text,
        backed_up -> Bool,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
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
    recovery_codes (user_id, code_hmac) {
        user_id -> Uuid,
        code_hmac -> Text,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
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
        seen_ip_prefix -> Nullable<Text>,
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
    stripe_customers (customer_id) {
        customer_id -> Text,
        user_id -> Nullable<Uuid>,
        last_event_at -> Timestamptz,
    }
}

diesel::table! {
    stripe_events (id) {
        id -> Text,
        customer_id -> Text,
        subscription_id -> Nullable<Text>,
        kind -> Text,
        created_at -> Timestamptz,
        claimed_user_id -> Nullable<Uuid>,
        status -> Nullable<Text>,
        plan -> Nullable<Text>,
        current_period_end -> Nullable<Timestamptz>,
        cancel_at_period_end -> Bool,
        cancel_at -> Nullable<Timestamptz>,
        received_at -> Timestamptz,
        prices -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    tier_grants (user_id) {
        user_id -> Uuid,
        tier -> Text,
        until -> Nullable<Timestamptz>,
        granted_by -> Nullable<Uuid>,
        granted_at -> Timestamptz,
    }
}

diesel::table! {
    totp_factors (user_id) {
        user_id -> Uuid,
        sealed_secret -> Bytea,
        created_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        last_step -> Int8,
    }
}

diesel::table! {
    used_assertions (service, jti) {
        service -> Text,
        jti -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    user_subscriptions (id) {
        id -> Uuid,
        user_id -> Uuid,
        provider -> Text,
        customer_id -> Text,
        subscription_id -> Text,
        status -> Text,
        plan -> Nullable<Text>,
        current_period_end -> Nullable<Timestamptz>,
        cancel_at_period_end -> Bool,
        cancel_at -> Nullable<Timestamptz>,
        past_due_since -> Nullable<Timestamptz>,
        premium_until -> Nullable<Timestamptz>,
        last_event_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
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
        tier_until -> Nullable<Timestamptz>,
    }
}

diesel::joinable!(deactivations -> users (user_id));
diesel::joinable!(email_tokens -> users (user_id));
diesel::joinable!(erasure_steps -> erasures (erasure_id));
diesel::joinable!(exchange_codes -> users (user_id));
diesel::joinable!(export_services -> exports (export_id));
diesel::joinable!(exports -> users (user_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(identity_codes -> users (user_id));
diesel::joinable!(identity_requests -> email_tokens (token_hash));
diesel::joinable!(known_devices -> users (user_id));
diesel::joinable!(mfa_challenges -> users (user_id));
diesel::joinable!(passkey_ceremonies -> users (user_id));
diesel::joinable!(passkeys -> users (user_id));
diesel::joinable!(profiles -> users (user_id));
diesel::joinable!(recovery_codes -> users (user_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(security_events -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(stripe_customers -> users (user_id));
diesel::joinable!(stripe_events -> stripe_customers (customer_id));
diesel::joinable!(tier_grants -> users (user_id));
diesel::joinable!(totp_factors -> users (user_id));
diesel::joinable!(user_subscriptions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    deactivations,
    email_tokens,
    erased_subjects,
    erasure_steps,
    erasures,
    exchange_codes,
    export_parts,
    export_services,
    exports,
    gdpr_participants,
    identities,
    identity_codes,
    identity_requests,
    known_devices,
    login_failures,
    mfa_challenges,
    passkey_ceremonies,
    passkeys,
    profiles,
    provider_returns,
    recovery_codes,
    refresh_tokens,
    revocations,
    security_events,
    sessions,
    signing_keys,
    stripe_customers,
    stripe_events,
    tier_grants,
    totp_factors,
    used_assertions,
    user_subscriptions,
    users,
);
