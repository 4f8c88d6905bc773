#include "tests/unit/operator/life/family.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/judge/facts.hpp"
#include "tests/unit/operator/anybody.hpp"

namespace errand::life {
namespace {

constexpr std::string_view kActs[] = {"create",
                                      "revoke",
                                      "delete",
                                      "run",
                                      "crash after 1 call at",
                                      "crash after 2 calls at",
                                      "crash after 3 calls at",
                                      "rules change",
                                      "workload goes or comes",
                                      "200 s pass"};

const Time kBegin{Seconds{1'790'000'000}};

bool gives(const plan::Action& a) {
  return std::holds_alternative<plan::CreateBinding>(a) || std::holds_alternative<plan::MarkStarted>(a) ||
         std::holds_alternative<plan::FillSlot>(a) || std::holds_alternative<plan::CopyLease>(a) ||
         std::holds_alternative<plan::LiftGate>(a);
}

}  // namespace

std::string describe(const std::vector<Step>& trace) {
  std::string out;
  for (const Step& s : trace)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", kActs[static_cast<size_t>(s.act)],
                       static_cast<char>('a' + s.grant));
  return out;
}

Family::Family(Shape shape) : shape_(shape), now_(kBegin) {
  auto identity = std::make_shared<api::AgentIdentity>();
  identity->meta.name = "bot";
  identity->meta.ns = "agents";
  identity->meta.uid = "identity";
  api::ToolClass c;
  c.name = "fixer";
  c.risk = api::Risk::High;
  c.access.roles = {"reader"};
  c.maxDuration = Seconds{3600};
  c.maxActiveGrants = kGrants;
  identity->toolClasses = {c};
  identity_ = std::move(identity);
}

void Family::create(int i) {
  Member& m = members_[at(i)];
  api::TaskGrant g;
  g.meta.name = name(i);
  g.meta.ns = "agents";
  g.meta.uid = fmt::format("{}{}000000-0000-0000-0000-000000000000", name(i), m.made++);
  g.meta.generation = 1;
  g.meta.creationTimestamp = now_;
  g.spec.agentIdentity = "bot";
  g.spec.toolClass = "fixer";
  g.spec.task.risk = api::Risk::High;
  g.spec.workload = {api::WorkloadKind::Job, "fix"};
  g.spec.access.roles = {"reader"};
  g.spec.window.duration = Seconds{i == 1 ? 300 : 600};
  g.spec.ttlSecondsAfterFinished = 86400;
  if (i == 2 && shape_[2] == 1) g.spec.window.duration = Seconds{300};
  if (shape_[at(i)] >= 0) g.spec.parent = {name(shape_[at(i)]), api::ParentRelation::Delegation};
  m.grant = std::move(g);
  m.proof = {};
}

plan::Observed Family::observe(int i) const {
  const Member& m = members_[at(i)];
  plan::Observed o;
  o.grant = std::make_shared<api::TaskGrant>(*m.grant);
  o.identity = identity_;
  o.ns.enforced = true;
  o.request = plan::askedByAlice(*o.grant);
  if (workload_) o.workload = plan::WorkloadFacts{"job", false, false, false, "", "sha256:t"};
  if (m.account) o.account = std::make_shared<api::ServiceAccount>(*m.account);
  if (m.binding) o.bindings = {std::make_shared<api::RoleBinding>(*m.binding)};
  o.roles = {{{"Role", "reader"}, "spec.access.roles[0]", true, true, fmt::format("sha256:{}", rules_)}};
  for (int up = shape_[at(i)]; up >= 0; up = shape_[at(up)]) {
    const Member& above = members_[at(up)];
    if (!above.grant) break;
    o.ancestors.push_back({std::make_shared<api::TaskGrant>(*above.grant),
                           above.account ? std::make_shared<api::ServiceAccount>(*above.account) : nullptr,
                           api::Risk::High});
  }
  addBelow(i, o.descendants);
  o.proof = m.proof;
  return o;
}

void Family::addBelow(int i, std::vector<plan::Descendant>& out) const {
  for (int child = 0; child < kGrants; ++child) {
    const Member& m = members_[at(child)];
    if (shape_[at(child)] != i || !m.grant || !m.account ||
        m.account->meta.label(plan::kParentUidLabel) != members_[at(i)].grant->meta.uid)
      continue;
    addBelow(child, out);
    if (m.binding)
      out.push_back(
          {std::make_shared<api::TaskGrant>(*m.grant), {std::make_shared<api::RoleBinding>(*m.binding)}});
  }
}

// Whether nobody may give the grant anything any more.
bool Family::over(int i) const {
  const api::TaskGrant& g = *members_[at(i)].grant;
  if (g.terminal() || g.spec.revokeReason || g.meta.deletionTimestamp) return true;
  const plan::Observed o = observe(i);
  const auto start = plan::startOf(o, now_);
  return start && now_ >= plan::windowEnd(o, *start);
}

std::string Family::withdraw(int i, const plan::Delete& removal) {
  if (removal.resource.kind == api::kServiceAccounts.kind) {
    members_[at(i)].account.reset();
    return {};
  }
  for (int of = 0; of < kGrants; ++of) {
    if (!members_[at(of)].binding || members_[at(of)].binding->meta.name != removal.name) continue;
    std::vector<plan::Descendant> below;
    if (members_[at(of)].grant) addBelow(of, below);
    if (!below.empty())
      return fmt::format("the rights of {} went before those of {}", name(of),
                         below.front().grant->meta.name);
    members_[at(of)].binding.reset();
  }
  return {};
}

std::string Family::carry(int i, const plan::Action& action) {
  Member& m = members_[at(i)];
  if (gives(action) && over(i)) return fmt::format("{} was given something after its end", name(i));
  if (const auto* a = std::get_if<plan::Delete>(&action)) return withdraw(i, *a);
  if (std::holds_alternative<plan::AddFinalizer>(action)) {
    m.grant->meta.finalizers = {std::string(api::kFinalizer)};
  } else if (std::holds_alternative<plan::RemoveFinalizer>(action)) {
    if (m.account || m.binding) return fmt::format("{} was let go and left something behind", name(i));
    m = Member{{}, {}, {}, {}, m.made};
  } else if (std::holds_alternative<plan::DeleteGrant>(action)) {
    m.grant->meta.deletionTimestamp = now_;
  } else if (const auto* account = std::get_if<plan::CreateAccount>(&action)) {
    if (!m.account) m.account = account->account;
    m.account->meta.uid = "account";
  } else if (const auto* binding = std::get_if<plan::CreateBinding>(&action)) {
    if (!m.binding) m.binding = binding->binding;
    m.binding->meta.uid = "binding";
  } else if (const auto* scope = std::get_if<plan::PinScope>(&action)) {
    m.account->meta.annotations[std::string(plan::kScopeAnnotation)] = scope->scope;
    m.account->meta.labels[std::string(api::kWorkloadUidLabel)] = scope->workloadUid;
  } else if (const auto* start = std::get_if<plan::MarkStarted>(&action)) {
    m.account->meta.annotations[std::string(plan::kScopeAnnotation)] = start->scope;
    m.account->meta.labels[std::string(api::kWorkloadUidLabel)] = start->workloadUid;
    m.account->meta.labels[std::string(api::kStartedAtLabel)] =
        std::to_string(std::chrono::floor<Seconds>(start->at.time_since_epoch()).count());
  } else if (std::holds_alternative<plan::MintProbe>(action)) {
    m.proof.tokenHeld = true;
  } else if (std::holds_alternative<plan::ReviewToken>(action) && !m.proof.refusedSince) {
    m.proof.refusedSince = now_;
  }
  return {};
}

std::string Family::store(int i, const api::TaskGrantStatus& status) {
  Member& m = members_[at(i)];
  if (!m.grant) return {};
  if (m.grant->terminal() && m.grant->status.phase != status.phase)
    return fmt::format("the final phase of {} changed", name(i));
  m.grant->status = status;
  return {};
}

std::string Family::run(int i, int crashAfter) {
  if (!members_[at(i)].grant) return {};
  const plan::Plan p = plan::plan(observe(i), settings_, now_);
  if (p.requeueAfter) due_ = std::min(due_.value_or(*p.requeueAfter), *p.requeueAfter);
  if (p.statusFirst)
    if (auto broken = store(i, *p.statusFirst); !broken.empty()) return broken;
  int done = 0;
  for (const plan::Action& action : p.actions) {
    if (done++ == crashAfter) {
      members_[at(i)].proof = {};
      return {};
    }
    if (auto broken = carry(i, action); !broken.empty()) return broken;
  }
  if (crashAfter >= 0) return {};
  return store(i, p.status);
}

std::vector<Step> Family::steps() const {
  std::vector<Step> out;
  for (int i = 0; i < kGrants; ++i) {
    const Member& m = members_[at(i)];
    if (!m.grant) {
      if (m.made < 2) out.push_back({Act::Create, i});
      continue;
    }
    for (const Act act : {Act::Run, Act::Crash1, Act::Crash2, Act::Crash3}) out.push_back({act, i});
    if (!m.grant->spec.revokeReason) out.push_back({Act::Revoke, i});
    if (!m.grant->meta.deletionTimestamp) out.push_back({Act::Delete, i});
  }
  if (rules_ == 0) out.push_back({Act::Rules});
  out.push_back({Act::Workload});
  if (waited_ < 4) out.push_back({Act::Wait});
  return out;
}

std::string Family::take(const Step& step) {
  auto& grant = members_[at(step.grant)].grant;
  switch (step.act) {
    case Act::Create:
      create(step.grant);
      return {};
    case Act::Revoke:
      grant->spec.revokeReason = "x";
      return {};
    case Act::Delete:
      if (grant->meta.hasFinalizer(api::kFinalizer))
        grant->meta.deletionTimestamp = now_;
      else
        grant.reset();
      return {};
    case Act::Run:
      return run(step.grant, -1);
    case Act::Crash1:
    case Act::Crash2:
    case Act::Crash3:
      return run(step.grant, static_cast<int>(step.act) - static_cast<int>(Act::Run));
    case Act::Rules:
      ++rules_;
      return {};
    case Act::Workload:
      workload_ = !workload_;
      return {};
    case Act::Wait:
      ++waited_;
      now_ += Seconds{200};
      return {};
  }
  return {};
}

std::string Family::settle() {
  const Time until = now_ + Seconds{9000};
  for (int rounds = 0; now_ < until; ++rounds) {
    if (rounds > 4000) return "never at rest";
    due_.reset();
    const std::string before = key();
    for (int i = 0; i < kGrants; ++i)
      if (auto broken = run(i, -1); !broken.empty()) return broken;
    if (key() != before) continue;
    for (int i = 0; i < kGrants; ++i) {
      if (!members_[at(i)].grant) continue;
      if (over(i) && (hasRights(i) || members_[at(i)].account))
        return fmt::format("{} is over and has something", name(i));
      const int up = shape_[at(i)];
      if (hasRights(i) && up >= 0 && !hasRights(up))
        return fmt::format("{} has rights without its parent", name(i));
    }
    now_ += std::max<Millis>(due_.value_or(Seconds{3600}), Millis{1000});
  }
  for (int i = 0; i < kGrants; ++i) {
    const auto& g = members_[at(i)].grant;
    if (g && g->terminal() && g->status.revocation.requestedAt && !g->status.revocation.confirmedAt)
      return fmt::format("the end of {} was never confirmed", name(i));
  }
  return {};
}

std::string Family::key() const {
  std::string out = fmt::format("{}{}{}", waited_, rules_, workload_);
  for (const Member& m : members_) {
    out += fmt::format("|{}", m.made);
    if (m.account)
      out += fmt::format("a{}{}{}", m.account->meta.label(api::kStartedAtLabel),
                         m.account->meta.annotation(plan::kScopeAnnotation).size(),
                         m.account->meta.label(plan::kParentUidLabel));
    if (m.binding) out += 'b';
    if (!m.grant) continue;
    const auto& s = m.grant->status;
    out += fmt::format("g{}{}{}{}{}{}", m.grant->meta.finalizers.size(),
                       m.grant->meta.deletionTimestamp.has_value(), m.grant->spec.revokeReason.has_value(),
                       s.phase ? static_cast<int>(*s.phase) : -1, s.endedBecause,
                       s.revocation.confirmedAt.has_value());
    out += fmt::format("{}{}{}", s.startedAt ? s.startedAt->time_since_epoch().count() : 0, m.proof.tokenHeld,
                       m.proof.refusedSince.has_value());
    const auto* ready = api::findCondition(s.conditions, "Ready");
    if (ready != nullptr) out += ready->reason;
  }
  return out;
}

}  // namespace errand::life
