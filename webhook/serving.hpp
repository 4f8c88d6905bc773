// Admission over HTTPS: what the caches know, one live read where they miss,
// and the routes that answer by review().
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/objects.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/watch/store.hpp"
#include "core/serve/routes.hpp"
#include "webhook/live/beside.hpp"
#include "webhook/review.hpp"

namespace errand::webhook {

// Filled by one reflector each, over all namespaces.
struct Caches {
  Caches();

  kube::Store<api::TaskGrant> grants;
  kube::Store<api::AgentIdentity> identities;
  kube::Store<api::Exemption> exemptions;
  kube::Store<api::PartialObject> namespaces;

  // Unavailable with the kinds whose first list is not complete.
  Result<void> synced() const;

  // For review(); refers to this object.
  rules::Views views(std::string operatorUser) const;
  // Those that have not ended and are for this workload.
  std::vector<std::shared_ptr<const api::TaskGrant>> grantsOfWorkload(std::string_view ns,
                                                                      std::string_view kind,
                                                                      std::string_view name) const;
};

// Reads what a review missed straight from the API server into the caches, beside the reviews that wait for
// it.
class LiveReads {
 public:
  LiveReads(const kube::Client& client, Caches& caches);

  // Reads the grant (without a name: those of its namespace), and its identity
  // where the caches lack it, soon; what is too much (Line) is not read.
  void want(const rules::NeedsGrant& missing, const Behalf& behalf = {}) { beside_.want(behalf, {missing}); }

 private:
  void read(const rules::NeedsGrant& missing) const;

  const kube::Client& client_;
  Caches& caches_;
  Beside<rules::NeedsGrant> beside_;  // last: its thread ends before the rest goes
};

// What a review waits for, looked up elsewhere on behalf of a client; neither blocks.
struct Wants {
  std::function<void(const rules::NeedsGrant&, const Behalf&)> grant;
  std::function<void(const std::vector<api::AccessRequest>&, const Behalf&)> access;
  std::function<void(const std::vector<RoleKey>&, const Behalf&)> roles;
};

// The namespace that a review is about, as far as its first bytes tell: an API server writes it before the
// object and before what users choose. For sharing alone: of CPU, and of questions to the API server.
std::string_view partyOf(const serve::Request& request);

// POST /mutate and POST /validate. A grant and its workload are often applied
// together, and who may ask is known to the API server alone: a review that misses
// the grant is repeated for up to two seconds, one that misses an answer for up to
// four, within the webhook's timeout of five, before its refusal is sent.
// Wants::grant is called once for such a review, at the beginning; the others each half second for what is
// still unknown, as after a call that failed. `clock` must outlive the routes.
std::vector<serve::Route> admissionRoutes(rules::Views views, RequestViews requests, Wants wants,
                                          const Clock& clock);

}  // namespace errand::webhook
