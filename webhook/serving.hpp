// Admission over HTTPS: the caches, one live read of an object that they lack, and the routes that answer
// with review().
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

  // Returns Unavailable, with the kinds whose first list is not complete.
  Result<void> synced() const;

  // Returns the views for review(). They refer to this object.
  rules::Views views(std::string operatorUser) const;
  // Returns the grants that have not ended and are for this workload.
  std::vector<std::shared_ptr<const api::TaskGrant>> grantsOfWorkload(std::string_view ns,
                                                                      std::string_view kind,
                                                                      std::string_view name) const;
};

// Reads an object that the caches lack from the API server into them, on a thread of its own. The reviews
// that need the object wait meanwhile.
class LiveReads {
 public:
  LiveReads(const kube::Client& client, Caches& caches);

  // Queues a read of the grant, and of its identity if the caches lack it. Without a name, all grants of the
  // namespace are read. A read that does not fit (Line) is dropped.
  void want(const rules::NeedsGrant& missing, const Behalf& behalf = {}) { beside_.want(behalf, {missing}); }

 private:
  void read(const rules::NeedsGrant& missing) const;

  const kube::Client& client_;
  Caches& caches_;
  Beside<rules::NeedsGrant> beside_;  // last: its thread ends before the rest goes
};

// Functions that look up missing answers on behalf of a client, while the review waits. None of them blocks.
struct Wants {
  std::function<void(const rules::NeedsGrant&, const Behalf&)> grant;
  std::function<void(const std::vector<api::AccessRequest>&, const Behalf&)> access;
  std::function<void(const std::vector<RoleKey>&, const Behalf&)> roles;
};

// Returns the namespace of a review, as found in its first bytes. An API server writes it before the object
// and before any field that users choose. Use it only to share CPU and questions to the API server.
std::string_view partyOf(const serve::Request& request);

// Returns the routes POST /mutate and POST /validate. A grant and its workload are often applied together,
// and only the API server knows the rights of a user. A review that lacks the grant is therefore repeated
// for up to two seconds before its refusal is sent. A review that lacks an answer is repeated for up to four
// seconds. Both are within the webhook's timeout of five seconds. Wants::grant is called once for such a
// review, at the beginning. The others are called every half second for anything still unknown, such as
// after a failed call. `clock` must outlive the routes.
std::vector<serve::Route> admissionRoutes(rules::Views views, RequestViews requests, Wants wants,
                                          const Clock& clock);

}  // namespace errand::webhook
