#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/findings/escape.hpp"
#include "cli/status/read.hpp"

namespace errand::cli {
namespace {

struct Flags {
  ClusterFlags cluster;
  std::string agent, format = "text";
};

int run(const Flags& flags) {
  constexpr int kAbsent = 1;
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const kube::Client client(*cluster->transport);
  const Time now = systemClock().now();
  const StatusView view = viewOf(readStatusInput(client, cluster->ns), flags.agent, now);
  std::cout << (flags.format == "json" ? asJson(view) : asTable(view, now));
  std::cout.flush();
  for (const Unread& one : view.unread)
    std::cerr << fmt::format("could not read {}: {}\n", shown(one.what), shown(one.message));
  if (!view.unread.empty()) return kFailed;
  return !flags.agent.empty() && view.agents.empty() ? kAbsent : 0;
}

}  // namespace

void addStatus(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* status = app.add_subcommand(
      "status",
      "Shows who answers for each agent and what it holds at this moment: grants that are active, wait or "
      "are\n"
      "being revoked, its accounts and slots. Asks the cluster with your own rights; what these do not "
      "allow\n"
      "is said on standard error. Exits with 0, with 1 where there is no such agent, and with 2 where\n"
      "something could not be read.");
  status->add_option("agent", flags->agent, "An agent's name; without it, all of them")->type_name("AGENT");
  describe(*status, flags->cluster);
  status->add_option("--format", flags->format, "How to print it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  status->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
