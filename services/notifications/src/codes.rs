//! Every way this service says no, beside those that all services share: none yet.
