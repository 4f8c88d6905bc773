#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/findings/escape.hpp"
#include "cli/uninstall/drain.hpp"
#include "cli/uninstall/read.hpp"
#include "cli/uninstall/takeover.hpp"
#include "core/daemon/flags.hpp"

namespace errand::cli {
namespace {

constexpr int kLeft = 1;
constexpr const char* kDrained =
    "Errand is drained. Remove it: helm uninstall, or kubectl delete -k … --ignore-not-found";

struct Flags {
  ClusterFlags cluster;
  std::string operatorNamespace = "errand-system";
  Seconds timeout{900};
  bool check = false, withoutOperator = false;
};

void say(const std::string& line) { std::cout << line << std::endl; }

int check(const Flags& flags, const kube::Client& client) {
  const ClusterObjects objects = readClusterObjects(client, {.ns = flags.cluster.ns, .secrets = true});
  const auto held = heldBy(objects, flags.operatorNamespace);
  std::cout << asTable(held) << std::flush;
  for (const Unread& one : objects.unread)
    std::cerr << "kubectl-errand: not read: " << shown(one.what) << ": " << shown(one.message) << '\n';
  if (!objects.unread.empty()) return kFailed;
  if (held.empty()) say("nothing is left");
  return held.empty() ? 0 : kLeft;
}

// Prints what is left, and what to do about it.
int left(const Flags& flags, const kube::Client& client, const std::string& message) {
  const ClusterObjects objects = readClusterObjects(client, {});
  std::cerr << asTable(heldBy(objects, flags.operatorNamespace)) << "kubectl-errand: " << message << '\n';
  return kLeft;
}

int drainAll(const Flags& flags, const kube::Client& client) {
  const auto drained =
      drain(client, {.operatorNamespace = flags.operatorNamespace, .timeout = flags.timeout}, &say);
  if (!drained) return failed(drained.error());
  switch (*drained) {
    case Drained::Done:
      say(kDrained);
      return 0;
    case Drained::Late:
      return left(flags, client,
                  fmt::format("not finished within {}. See the log of errand-operator, and run this again; a "
                              "longer --timeout waits until tokens have expired",
                              formatDuration(flags.timeout)));
    case Drained::NoOperator:
      return left(
          flags, client,
          fmt::format("errand-operator does not run in namespace {}, so nothing revokes these grants. "
                      "Start it and run this again, or revoke as cluster administrator: kubectl errand "
                      "uninstall --without-operator",
                      flags.operatorNamespace));
    case Drained::Runs:
      return left(flags, client,
                  fmt::format("errand-operator runs, but namespace {} has no Deployment of it. Stop that "
                              "process, then run this again",
                              flags.operatorNamespace));
    case Drained::Restless:
      break;
  }
  return left(flags, client,
              "new grants kept starting. Suspend the agents (kubectl errand suspend --whole-namespace), then "
              "run this again");
}

int run(const Flags& flags) {
  if (flags.check && flags.withoutOperator)
    return failed({ErrorKind::Invalid, "--check changes nothing; leave --without-operator out"});
  if (!flags.cluster.ns.empty() && !flags.check && !flags.withoutOperator)
    return failed(
        {ErrorKind::Invalid,
         "--namespace needs --check or --without-operator. To end the grants of one namespace while "
         "the operator runs, use: kubectl errand revoke"});
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const kube::Client client(*cluster->transport);
  if (flags.check) return check(flags, client);
  if (!flags.withoutOperator) return drainAll(flags, client);
  const auto done = takeOver(
      client,
      {.operatorNamespace = flags.operatorNamespace, .ns = flags.cluster.ns, .isWithoutOperator = true},
      &say);
  if (!done) return failed(done.error());
  say(flags.cluster.ns.empty() ? kDrained : "nothing of a grant is left in namespace " + flags.cluster.ns);
  return 0;
}

}  // namespace

void addUninstall(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* uninstall = app.add_subcommand(
      "uninstall",
      "Prepares the removal of Errand: revokes every grant and waits until each end is confirmed, scales\n"
      "errand-operator to zero, takes namespaces out of enforcement, and deletes agents' accounts and the\n"
      "operator's rights. AgentIdentities and records of grants stay. Run helm uninstall or kubectl\n"
      "delete -k afterwards; the chart runs this command itself. Run it again after an interruption.\n"
      "Needs the rights of a cluster administrator. Exits with 0, with 1 if something is left, and with 2\n"
      "if something failed or could not be read.");
  uninstall->add_flag("--check", flags->check, "Only list what is left, by namespace");
  uninstall->add_flag(
      "--without-operator", flags->withoutOperator,
      "Revoke without the operator, which must not run: deletes rights, Secrets and accounts of\n"
      "grants, ends their Jobs and Pods, and removes the finalizers");
  describeConnection(*uninstall, flags->cluster);
  uninstall
      ->add_option(
          "-n,--namespace", flags->cluster.ns,
          "Only this namespace; with --check or --without-operator. Its policies are excluded from this\n"
          "namespace meanwhile")
      ->type_name("NAME");
  uninstall->add_option("--operator-namespace", flags->operatorNamespace, "The namespace of errand-operator")
      ->type_name("NAMESPACE")
      ->capture_default_str();
  daemon::addDuration(*uninstall, "--timeout", flags->timeout, "The longest time to wait for ends",
                      daemon::kPositive);
  uninstall->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
