// Admission over HTTPS: the routes answer with review(), and wait for the data that a review lacks.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/serve/routes.hpp"
#include "webhook/cluster/line.hpp"
#include "webhook/review.hpp"

namespace errand::webhook {

// Functions that queue a look-up on behalf of a client, while its review waits. They must not block. Several
// threads call them.
struct Wants {
  std::function<void(const rules::NeedsGrant&, const Behalf&)> grant;
  std::function<void(const std::vector<api::AccessRequest>&, const Behalf&)> access;
  std::function<void(const std::vector<rules::RoleKey>&, const Behalf&)> roles;
};

// Returns the namespace of a review from its first 4096 bytes, as a view into the body; empty if it is not
// there. An API server writes it before the object, and before any field that users choose. Use it only to
// share CPU and questions to the API server among namespaces, because another client can forge it.
std::string_view partyOf(const serve::Request& request);

// Returns the routes POST /mutate and POST /validate. `cluster` and `clock` must outlive the routes. They
// answer 400 with the reason if review() fails.
//
// A grant and its workload are often applied together. A review that lacks a grant is therefore repeated for
// up to two seconds before its refusal is sent. Only the API server knows the rights of a user and the rules
// of a role. A review that lacks them is repeated for up to four seconds. Both are within the webhook's
// timeout of five seconds.
//
// Wants::grant is called once, if the first evaluation of the request lacks a grant. The other functions are
// called every half second for everything that is still unknown, because a call may have failed.
std::vector<serve::Route> admissionRoutes(const rules::ClusterState& cluster, rules::RuleSettings settings,
                                          Wants wants, const Clock& clock);

}  // namespace errand::webhook
