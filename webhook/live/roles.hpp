// Reads what roles allow, beside the reviews that wait for it.
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
  // Both outlive it.
  RoleReads(const kube::Client& client, const Clock& clock);

  // Nothing where it is not known. What was read counts for four seconds: as long as the review may wait that
  // asked for it.
  std::optional<std::vector<policy::Danger>> dangers(const RoleKey& role);

  // Reads soon what is not known. What cannot be read, or is too much (Line), stays unknown.
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
