// Reads the rules of roles on threads of its own, while the reviews wait for them.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "core/base/guarded.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "webhook/guard/request/views.hpp"
#include "webhook/live/beside.hpp"

namespace errand::webhook {

class RoleReads {
 public:
  // Both arguments must outlive this object.
  RoleReads(const kube::Client& client, const Clock& clock);

  // Returns nothing if the role is not known. A result is valid for four seconds, as long as a review may
  // wait for it.
  std::optional<std::vector<policy::Danger>> dangers(const RoleKey& role);

  // Queues the roles that are not known. A role that cannot be read, or does not fit (Line), stays unknown.
  void want(const std::vector<RoleKey>& roles, const Behalf& behalf = {}) { beside_.want(behalf, roles); }

 private:
  struct Answer {
    std::vector<policy::Danger> dangers;
    std::chrono::steady_clock::time_point at;
  };
  std::optional<std::vector<policy::Danger>> read(const RoleKey& role) const;
  void keep(const RoleKey& role, std::optional<std::vector<policy::Danger>> dangers);
  bool isOld(const Answer& answer) const;

  const kube::Client& client_;
  const Clock& clock_;
  Guarded<std::map<RoleKey, Answer>> known_;
  Beside<RoleKey> beside_;  // last: its threads end before the rest goes
};

}  // namespace errand::webhook
