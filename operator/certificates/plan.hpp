// Plans the next step for the webhook's certificates. Pure: maps observations to a step.
//
// An authority signs the serving certificate. Its key is in a Secret that the webhook cannot read. Each
// certificate is replaced when a third of its lifetime is left.
//
// An authority is published in caBundle before the webhook serves a certificate that it signed, and stays
// published until it expires. So no pod serves a certificate that the API server does not trust.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace errand::certificates {

// The names and lifetimes of the certificates.
struct Settings {
  std::string ns;                  // of both Secrets
  std::vector<std::string> names;  // the DNS names and IP addresses of the webhook
  Seconds authorityLife{5 * 365 * 24 * 3600};
  Seconds servingLife{90 * 24 * 3600};
  // The time after which each API server has seen a published authority.
  Seconds settle{60};
};

struct Authority {
  std::string pem;
  Time notAfter;
};

// The stored certificates, and the published authorities.
struct Observed {
  std::vector<Authority> authorities;  // as stored, the signing one first
  bool canSign = false;                // the key of the first authority is stored and matches it
  struct Serving {
    Time notAfter;
    bool bySigner = false;  // signed by the first authority
    bool trusted = false;   // signed by one of the authorities
    std::vector<std::string> names;
  };
  std::optional<Serving> serving;  // nullopt if certificate and key are no pair
  // The caBundle of each webhook as PEM; empty if it has none.
  std::vector<std::string> published;
  // The time since which every caBundle holds the signing authority.
  std::optional<Time> publishedSince;
};

enum class Step { MakeAuthority, Publish, IssueServing, Wait };

// The next step, and its data.
struct Plan {
  Step step = Step::Wait;
  std::string bundle;  // to publish: all authorities that have not expired, as PEM
  Time until;          // for Wait: the latest time of the next observation
};

// Returns the next step. Wait means that there is nothing to do at this time.
Plan plan(const Observed& observed, const Settings& settings, Time now);

// Returns the PEM blocks of the authorities that have not expired, in order.
std::string bundleOf(const std::vector<Authority>& authorities, Time now);

}  // namespace errand::certificates
