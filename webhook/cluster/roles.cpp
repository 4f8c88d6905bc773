#include "webhook/cluster/roles.hpp"

#include <nlohmann/json.hpp>

#include "core/api/resource.hpp"
#include "core/base/log.hpp"

namespace errand::webhook {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kReadingThreads = 2, kMostRead = 512;
// As long as a review may wait, because it needs all of its roles at the same time.
constexpr auto kKnownFor = 4s;

}  // namespace

RoleReads::RoleReads(const kube::Client& client, const Clock& clock)
    : client_(client), clock_(clock), beside_(kReadingThreads, kMostRead, [this](const rules::RoleKey& role) {
        if (known(role) == nullptr) keep(role, read(role));
      }) {}

bool RoleReads::isOld(const Answer& answer) const { return clock_.monotonic() - answer.at > kKnownFor; }

std::shared_ptr<const rules::RoleFacts> RoleReads::known(const rules::RoleKey& role) {
  const auto known = known_.access();
  const auto it = known->find(role);
  return it == known->end() || isOld(it->second) ? nullptr : it->second.facts;
}

void RoleReads::keep(const rules::RoleKey& role, std::shared_ptr<const rules::RoleFacts> facts) {
  const auto known = known_.access();
  std::erase_if(*known, [this](const auto& entry) { return isOld(entry.second); });
  if (facts) known->insert_or_assign(role, Answer{std::move(facts), clock_.monotonic()});
}

std::shared_ptr<const rules::RoleFacts> RoleReads::read(const rules::RoleKey& role) const {
  const api::Resource& kind = role.role.kind == api::kRoles.kind ? api::kRoles : api::kClusterRoles;
  const Result<nlohmann::json> object = client_.get(kind, role.ns, role.role.name);
  const Result<api::Role> read = object ? api::decode<api::Role>(*object) : std::unexpected(object.error());
  if (read) return std::make_shared<const rules::RoleFacts>(rules::roleFacts(read->rules));
  if (read.error().kind == ErrorKind::NotFound) return std::make_shared<const rules::RoleFacts>();
  if (read.error().kind != ErrorKind::Cancelled)
    log::warn("live read failed", {{"kind", kind.kind},
                                   {"namespace", role.ns},
                                   {"name", role.role.name},
                                   {"error", read.error().message}});
  return nullptr;
}

}  // namespace errand::webhook
