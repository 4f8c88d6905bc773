// Plans the next step for the webhook's certificates. The result depends only on the input: no I/O or clock.
//
// An authority signs the serving certificate. The authority's key is in a Secret that the webhook cannot
// read. Each certificate is replaced when a third of its lifetime is left.
//
// An authority is published in caBundle before the webhook serves a certificate that it has signed, and stays
// published until it expires. The API server therefore trusts the certificate of every pod.
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
  // The time from the publication of an authority until each API server uses it.
  Seconds settle{60};
};

// A certificate that signs serving certificates.
struct Authority {
  std::string pem;
  Time notAfter;
};

// The stored certificates, and the published authorities.
struct Observed {
  std::vector<Authority> authorities;  // as stored, the signing one first
  bool canSign = false;                // true if the key of the first authority is stored and matches it
  struct Serving {
    Time notAfter;
    bool bySigner = false;  // signed by the first authority
    bool trusted = false;   // signed by one of the authorities
    std::vector<std::string> names;
  };
  std::optional<Serving> serving;  // nullopt if one is missing, or the key does not match the certificate
  // The caBundle of each webhook as PEM; empty if it has none.
  std::vector<std::string> published;
  // Since when every caBundle has had the first authority; nullopt if one lacks it.
  std::optional<Time> publishedSince;
};

// The steps: create an authority, publish all authorities, issue the serving certificate, or wait.
enum class Step { MakeAuthority, Publish, IssueServing, Wait };

// The next step, and its data.
struct Plan {
  Step step = Step::Wait;
  std::string bundle;  // to publish: all authorities that have not expired, as PEM
  Time until;          // for Wait: the latest time of the next observation
};

// Returns the next step. After any step except Wait, observe and plan again at once.
Plan plan(const Observed& observed, const Settings& settings, Time now);

// Returns the PEM blocks of the authorities that have not expired, in order.
std::string bundleOf(const std::vector<Authority>& authorities, Time now);

}  // namespace errand::certificates
