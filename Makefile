# Each recipe is a line or three; what is longer lives in Rust or in deploy/.
# Variables reach every process: `make up LIMIT_READ=1000/min`.
export PATH := $(HOME)/.cargo/bin:$(CURDIR)/target/tools/bin:$(PATH)
BUILT = $(or $(CARGO_TARGET_DIR),target)/debug/fleet
FRESH = cargo run --quiet -p fleet --
FLEET = $(if $(wildcard $(BUILT)),$(BUILT),$(FRESH))

# Ways that are taken often are compiled for speed and laid side by side.
GUIDED = CARGO_ENCODED_RUSTFLAGS='-Cprofile-use=$(CURDIR)/deploy/fleet/fleet.profdata'

.PHONY: help build run up down status travel admin test check release bench profile t openapi events schema service trail
.DEFAULT_GOAL := help

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

build: ## installs what this machine lacks, and compiles the launcher with all services
	@deploy/install
	@cargo build -p fleet

run: build ## starts everything and stays; Ctrl-C stops all
	@$(BUILT) run

up: build ## starts everything in the background; done when the gateway is healthy
	@$(BUILT) up

down: ## stops everything that was started, and nothing else
	@$(FLEET) down

status: ## says what runs where
	@$(FLEET) status

travel: ## shifts every clock: TO=2026-03-29T01:30:00+01:00, TO=+36h, TO=now
	@$(FLEET) travel '$(TO)'

admin: ## makes an administrator: EMAIL=ada@example.org, password from AUTH_ADMIN_PASSWORD or asked for
	@$(FLEET) admin '$(EMAIL)'

trail: ## shows one request across all logs: ID=<X-Request-Id>
	@$(FLEET) trail '$(ID)'

test: ## every test, journeys through the running fleet and a browser included
	@deploy/install && deploy/install foreign chromium provider
	cargo test --workspace

check: ## format, lints, licences, unused dependencies, rules of the house
	@deploy/install cargo-deny cargo-machete
	cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings
	cargo deny --log-level error check bans licenses sources && cargo machete --skip-target-dir . && cargo test --quiet -p house

release: ## compiles what is deployed, for the ways through it that `make profile` recorded
	@deploy/install
	$(GUIDED) cargo build --release -p fleet

bench: release ## measures, side by side with nginx and pgbench
	@deploy/install nginx wrk pgbench
	$(GUIDED) cargo run --release -p bench

profile: ## records these ways with the bench: after another compiler, other dependencies or another hot path
	@deploy/install nginx wrk pgbench
	deploy/profile

t: ## tests of one member: S=posts
	cargo test -p $(S)

openapi: ## writes every service's openapi.json
	@$(FRESH) openapi

events: ## writes the contracts' schemas and EVENTS.md
	UPDATE=1 cargo test --quiet -p contracts
	UPDATE=1 cargo test --quiet -p house the_event_page_can_be_written

schema: ## writes a service's schema.rs from its migrations: S=posts
	@deploy/install diesel
	@$(FRESH) schema $(S)

service: ## makes a new service from the skeleton: N=name
	@$(FRESH) new '$(N)' && cargo run --quiet -p '$(N)' -- openapi >services/'$(N)'/openapi.json
