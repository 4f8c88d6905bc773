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

// Functions that look up missing answers on behalf of a client, while the review waits. None of them blocks.
struct Wants {
  std::function<void(const rules::NeedsGrant&, const Behalf&)> grant;
  std::function<void(const std::vector<api::AccessRequest>&, const Behalf&)> access;
  std::function<void(const std::vector<rules::RoleKey>&, const Behalf&)> roles;
};

// Returns the namespace of a review from its first bytes. An API server writes it before the
// object, and before any field that users choose. Use it only to share CPU and questions to the API
// server among namespaces.
std::string_view partyOf(const serve::Request& request);

// Returns the routes POST /mutate and POST /validate. `cluster` and `clock` must outlive the routes.
//
// A grant and its workload are often applied together, and only the API server knows the rights of a
// user. A review that lacks a grant is therefore repeated for up to two seconds before its refusal is
// sent. A review that lacks an answer is repeated for up to four seconds. Both are within the webhook's
// timeout of five seconds.
//
// Wants::grant is called once for such a review, at the beginning. The other functions are called every half
// second for anything still unknown, such as after a failed call.
std::vector<serve::Route> admissionRoutes(const rules::ClusterState& cluster, rules::RuleSettings settings,
                                          Wants wants, const Clock& clock);

}  // namespace errand::webhook
