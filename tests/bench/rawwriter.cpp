// The calls that the operator makes for a Projected grant from Pending to Active,
// by as many threads and the same client, with nothing decided between them: what
// tests/bench/load.py compares the operator with.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "core/api/taskgrant.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/events/recorder.hpp"
#include "core/kube/http/rest_transport.hpp"
#include "operator/plan/lifecycle/owned.hpp"

namespace {

using namespace errand;
using nlohmann::json;

// Fails loudly: a call that did not happen would make the writer look fast.
json must(Result<json> answer) {
  if (answer) return std::move(*answer);
  std::fprintf(stderr, "%s\n", answer.error().message.c_str());
  std::exit(EXIT_FAILURE);
}

api::TaskGrantStatus statusOf(const api::TaskGrant& grant, api::Phase phase, const std::string& account) {
  api::TaskGrantStatus out;
  out.observedGeneration = grant.meta.generation;
  out.phase = phase;
  out.effectiveRisk = grant.spec.task.risk;
  out.serviceAccount = {account, grant.meta.uid};
  for (const char* type : {"Ready", "Stalled", "Approved", "Active"})
    api::setCondition(out.conditions,
                      {type,
                       "Starting",
                       "what the condition says in about as many words",
                       api::ConditionStatus::False,
                       grant.meta.generation,
                       {}},
                      systemClock().now());
  if (phase != api::Phase::Active) return out;
  out.effective.roles = {{"reader", "sha256:" + std::string(64, '0')}};
  out.workload.uid = grant.meta.uid;
  out.startedAt = systemClock().now();
  out.endsAt = *out.startedAt + grant.spec.window.duration;
  return out;
}

kube::Event eventOf(const api::TaskGrant& grant, const std::string& reason) {
  return {{std::string(api::kGroupVersion), "TaskGrant", grant.meta.ns, grant.meta.name, grant.meta.uid, ""},
          reason,
          "Reconcile",
          "as many words as the operator has for it"};
}

void start(const kube::Client& client, kube::EventRecorder& events, const api::TaskGrant& grant) {
  const std::string& ns = grant.meta.ns;
  const std::string account = api::grantAccountName(grant.meta.uid);
  must(client.mergePatch(api::kTaskGrants, ns, grant.meta.name,
                         {{"metadata", {{"uid", grant.meta.uid}, {"finalizers", {api::kFinalizer}}}}}));
  must(client.create(api::kServiceAccounts, ns,
                     api::encode(api::ServiceAccount{plan::ownedMeta(grant, account), false})));
  must(client.patchStatus(api::kTaskGrants, ns, grant.meta.name,
                          api::encode(statusOf(grant, api::Phase::Pending, account))));
  events.record(eventOf(grant, "Starting"));
  const api::RoleBinding binding{
      plan::ownedMeta(grant, account + ".raw"), {"Role", "reader"}, {{"ServiceAccount", account, ns}}};
  must(client.create(api::kRoleBindings, ns, api::encode(binding)));
  must(client.patchStatus(api::kTaskGrants, ns, grant.meta.name,
                          api::encode(statusOf(grant, api::Phase::Active, account))));
  events.record(eventOf(grant, "Active"));
}

double cpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

// rawwriter KUBECONFIG NAMESPACE THREADS: prints the number of grants, the seconds it took, the median and
// the 99th percentile of the milliseconds a grant, its own CPU seconds, and the seconds until the last event.
int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("usage: rawwriter KUBECONFIG NAMESPACE THREADS\n", stderr), EXIT_FAILURE;
  auto config = kube::load({.kubeconfig = argv[1]});
  if (!config) return std::fprintf(stderr, "%s\n", config.error().message.c_str()), EXIT_FAILURE;
  auto transport = kube::makeRestTransport(std::move(*config));
  if (!transport) return std::fprintf(stderr, "%s\n", transport.error().message.c_str()), EXIT_FAILURE;
  const kube::Client client(**transport);
  std::vector<api::TaskGrant> grants;
  const json list = must(client.list(api::kTaskGrants, {.ns = argv[2]}));
  for (const json& item : list["items"])
    if (auto grant = api::decode<api::TaskGrant>(item)) grants.push_back(std::move(*grant));

  if (grants.empty()) return std::fprintf(stderr, "no grants in namespace %s\n", argv[2]), EXIT_FAILURE;

  kube::EventRecorder events(client, {.instance = "rawwriter"});
  std::atomic<size_t> next = 0;
  std::vector<double> each(grants.size());
  const auto begun = std::chrono::steady_clock::now();
  const double used = cpuSeconds();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < std::atoi(argv[3]); ++t)
      threads.emplace_back([&] {
        for (size_t i = next++; i < grants.size(); i = next++) {
          const auto from = std::chrono::steady_clock::now();
          start(client, events, grants[i]);
          each[i] =
              std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count();
        }
      });
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const double cpu = cpuSeconds() - used;
  events.stop(Seconds{120});
  const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begun;
  std::ranges::sort(each);
  std::printf("%zu %.3f %.2f %.2f %.3f %.3f\n", grants.size(), took.count(), each[each.size() / 2],
              each[each.size() * 99 / 100], cpu, whole.count());
  return EXIT_SUCCESS;
}
