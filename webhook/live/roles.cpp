#include "webhook/live/roles.hpp"

#include <nlohmann/json.hpp>

#include "core/api/resource.hpp"
#include "core/base/log.hpp"

namespace errand::webhook {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReadingThreads = 2, kMostRead = 512;
// As long as a review waits, and no longer: all roles of one are to be known at once.
constexpr auto kKnownFor = 4s;

}  // namespace

RoleReads::RoleReads(const kube::Client& client, const Clock& clock)
    : client_(client), clock_(clock), beside_(kReadingThreads, kMostRead, [this](const RoleKey& role) {
        if (!dangers(role)) keep(role, read(role));
      }) {}

bool RoleReads::isOld(const Answer& answer) const { return clock_.monotonic() - answer.at > kKnownFor; }

std::optional<std::vector<policy::Danger>> RoleReads::dangers(const RoleKey& role) {
  const auto known = known_.access();
  const auto it = known->find(role);
  if (it == known->end() || isOld(it->second)) return std::nullopt;
  return it->second.dangers;
}

void RoleReads::keep(const RoleKey& role, std::optional<std::vector<policy::Danger>> dangers) {
  const auto known = known_.access();
  std::erase_if(*known, [this](const auto& entry) { return isOld(entry.second); });
  if (dangers) known->insert_or_assign(role, Answer{std::move(*dangers), clock_.monotonic()});
}

std::optional<std::vector<policy::Danger>> RoleReads::read(const RoleKey& role) const {
  const api::Resource& kind = role.role.kind == api::kRoles.kind ? api::kRoles : api::kClusterRoles;
  const Result<nlohmann::json> object = client_.get(kind, role.ns, role.role.name);
  const Result<api::Role> read = object ? api::decode<api::Role>(*object) : std::unexpected(object.error());
  if (read) return policy::dangersOf(read->rules);
  if (read.error().kind == ErrorKind::NotFound) return std::vector<policy::Danger>();
  if (read.error().kind != ErrorKind::Cancelled)
    log::warn("live read failed", {{"kind", kind.kind},
                                   {"namespace", role.ns},
                                   {"name", role.role.name},
                                   {"error", read.error().message}});
  return std::nullopt;
}

}  // namespace errand::webhook
