// The state of the cluster for reviews: the caches, and answers of the API server about roles and rights.
#pragma once

#include "webhook/cluster/access.hpp"
#include "webhook/cluster/caches.hpp"
#include "webhook/cluster/roles.hpp"

namespace errand::webhook {

// The ClusterState of the webhook. Never blocks: AccessReviews::want() and RoleReads::want() get
// what is missing.
class LiveState final : public CachedState {
 public:
  // All arguments must outlive this object.
  LiveState(const Caches& caches, AccessReviews& access, RoleReads& roles)
      : CachedState(caches), access_(access), roles_(roles) {}

  std::shared_ptr<const rules::RoleFacts> role(const rules::RoleKey& role) const override {
    return roles_.known(role);
  }
  std::optional<bool> may(const api::AccessRequest& question) const override { return access_.may(question); }

 private:
  AccessReviews& access_;
  RoleReads& roles_;
};

}  // namespace errand::webhook
