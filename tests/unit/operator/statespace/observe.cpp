// The input of plan() for a Hierarchy.
#include <fmt/format.h>

#include "operator/plan/checks/scope.hpp"
#include "tests/unit/operator/anybody.hpp"
#include "tests/unit/operator/statespace/hierarchy.hpp"

namespace errand::statespace {
namespace {

plan::RoleFact role(int rules) {
  return {{"Role", "reader"}, "spec.access.roles[0]", true, true, fmt::format("sha256:{}", rules), true};
}

plan::WorkloadFacts job(int made) {
  plan::WorkloadFacts facts;
  facts.uid = fmt::format("job{}", made);
  facts.templateDigest = "sha256:t";
  facts.podLabels = {{std::string(api::kGrantLabel), "g"}};
  facts.slots = {"errand-slot"};
  return facts;
}

}  // namespace

std::string Hierarchy::uid(int i, int made) {
  return fmt::format("{}{:07}-0000-0000-0000-000000000000", name(i), made);
}

api::TaskGrantStatus::Effective Hierarchy::scopeOf(int rules) const {
  plan::Observed o;
  o.roles = {role(rules)};
  o.workload = job(workloadsMade_);
  return plan::effectiveOf(o);
}

plan::Observed Hierarchy::observe(int i) const {
  const Kin& m = kin_[at(i)];
  plan::Observed o;
  o.grant = std::make_shared<api::TaskGrant>(*m.grant);
  o.identity = identity_;
  o.ns.enforced = true;
  o.ns.enforcedSince = enforcedSince(enforcements_);
  o.request = plan::askedByAlice(*o.grant);
  if (workload_) o.workload = job(workloadsMade_);
  if (m.account) o.account = std::make_shared<api::ServiceAccount>(*m.account);
  if (m.binding) o.bindings = {std::make_shared<api::RoleBinding>(*m.binding)};
  if (m.slot) o.slotSecret = std::make_shared<api::PartialObject>(*m.slot);
  o.roles = {role(rules_)};
  if (danger_) o.roles.front().dangers = {{0, "patch", "secrets", "its answers hold the values of Secrets"}};
  if (workload_ && i != setting_.slot) {
    auto pod = std::make_shared<api::Pod>();
    pod->meta.name = pod->meta.uid = "pod";
    pod->meta.owners = {{"batch/v1", "Job", "fix", o.workload->uid, true}};
    pod->serviceAccountName = api::grantAccountName(m.grant->meta.uid);
    if (!m.open) pod->schedulingGates = {std::string(api::kSchedulingGate)};
    o.pods = {std::move(pod)};
  }
  for (int up = setting_.under[at(i)]; up >= 0; up = setting_.under[at(up)]) {
    const Kin& above = kin_[at(up)];
    if (!above.grant) break;
    o.ancestors.push_back({std::make_shared<api::TaskGrant>(*above.grant), api::Risk::High});
  }
  addBelow(i, o.descendants);
  o.proof = m.proof;
  return o;
}

void Hierarchy::addBelow(int i, std::vector<plan::Descendant>& out) const {
  for (int child = 0; child < kGrants; ++child) {
    const Kin& m = kin_[at(child)];
    if (setting_.under[at(child)] != i || !m.grant ||
        m.grant->status.parentUid != kin_[at(i)].grant->meta.uid)
      continue;
    addBelow(child, out);
    if (m.binding)
      out.push_back(
          {std::make_shared<api::TaskGrant>(*m.grant), {std::make_shared<api::RoleBinding>(*m.binding)}});
  }
}

}  // namespace errand::statespace
