// Plans the next step for the webhook's certificates. Pure: maps observations to a step.
//
// An authority signs the serving certificate. Its key is in a Secret that the webhook cannot read. Each
// certificate is replaced when a third of its lifetime is left. An authority is published in caBundle before
// the webhook serves a certificate that it signed, and stays published until it expires. So no pod ever
// serves a certificate that the API server does not trust.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace errand::certificates {

struct Settings {
  std::string ns;                  // of both Secrets
  std::vector<std::string> names;  // DNS names and IP addresses that the webhook is called by
  Seconds authorityLife{5 * 365 * 24 * 3600};
  Seconds servingLife{90 * 24 * 3600};
  // Time from the publication of an authority until each API server is sure to have seen it.
  Seconds settle{60};
};

struct Authority {
  std::string pem;
  Time notAfter;
};

struct Observed {
  std::vector<Authority> authorities;  // as stored, the signing one first
  bool canSign = false;                // its key is there and belongs to it
  struct Serving {
    Time notAfter;
    bool bySigner = false;  // signed by the first authority
    bool trusted = false;   // signed by one of them
    std::vector<std::string> names;
  };
  std::optional<Serving> serving;  // none where certificate and key are no pair
  // The caBundle of each webhook, as PEM; empty where there is none.
  std::vector<std::string> published;
  // Since when all of them were seen to hold the signing authority.
  std::optional<Time> publishedSince;
};

enum class Step { MakeAuthority, Publish, IssueServing, Wait };

struct Plan {
  Step step = Step::Wait;
  std::string bundle;  // to publish: PEM of all authorities that have not expired
  Time until;          // for Wait: when to look again at the latest
};

Plan plan(const Observed& observed, const Settings& settings, Time now);

// The PEM blocks of those that have not expired, in order.
std::string bundleOf(const std::vector<Authority>& authorities, Time now);

}  // namespace errand::certificates
