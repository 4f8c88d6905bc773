#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "core/api/codec.hpp"
#include "core/api/resource.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {
namespace {

struct Flags {
  ClusterFlags cluster;
  std::vector<std::string> agents;
  bool wholeNamespace = false;
};

Result<void> setState(const kube::Client& client, const std::string& ns, const std::string& agent,
                      bool suspended) {
  const auto done = client.mergePatch(api::kAgentIdentities, ns, agent,
                                      {{"spec", {{"state", suspended ? "Suspended" : "Enabled"}}}});
  return done ? Result<void>() : std::unexpected(done.error());
}

Result<void> setLabel(const kube::Client& client, const std::string& ns, bool suspended) {
  const nlohmann::json value = suspended ? nlohmann::json("true") : nlohmann::json(nullptr);
  const auto done = client.mergePatch(
      api::kNamespaces, "", ns, {{"metadata", {{"labels", {{std::string(api::kSuspendedLabel), value}}}}}});
  return done ? Result<void>() : std::unexpected(done.error());
}

int run(const Flags& flags, bool suspended) {
  if (flags.wholeNamespace != flags.agents.empty())
    return failed({ErrorKind::Invalid, "name agents, or give --whole-namespace"});
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const kube::Client client(*cluster->transport);
  const std::string_view done = suspended ? "suspended" : "resumed";
  if (flags.wholeNamespace) {
    if (const auto set = setLabel(client, cluster->ns, suspended); !set) return failed(set.error());
    std::cout << fmt::format("namespace/{} {}\n", cluster->ns, done);
  }
  int worst = 0;
  for (const std::string& agent : flags.agents) {
    if (const auto set = setState(client, cluster->ns, agent, suspended); !set)
      worst = failed(set.error());
    else
      std::cout << fmt::format("agentidentity/{} {}\n", agent, done);
  }
  std::cout.flush();
  return worst;
}

void add(CLI::App& app, Command& chosen, const char* name, const char* help, bool suspended) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("agent", flags->agents, "The names of AgentIdentities")->type_name("AGENT");
  command->add_flag("--whole-namespace", flags->wholeNamespace,
                    "Every agent of the namespace, by the label errand.dev/suspended");
  describeConnection(*command, flags->cluster);
  describeNamespace(*command, flags->cluster);
  command->callback(
      [flags, suspended, &chosen] { chosen = [flags, suspended] { return run(*flags, suspended); }; });
}

}  // namespace

void addSuspend(CLI::App& app, Command& chosen) {
  add(app, chosen, "suspend",
      "The kill switch: revokes every grant of an agent, and starts none until it is resumed. Needs patch\n"
      "on agentidentities, or on the namespace. Exits with 0, or with 2 if something failed.",
      true);
  add(app, chosen, "resume",
      "Takes a suspension back: grants that are created from then on can start. Those that were revoked\n"
      "stay revoked. Exits with 0, or with 2 if something failed.",
      false);
}

}  // namespace errand::cli
