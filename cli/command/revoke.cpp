#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/findings/escape.hpp"
#include "core/api/taskgrant.hpp"
#include "core/daemon/flags.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {
namespace {

using namespace std::chrono_literals;

struct Flags {
  ClusterFlags cluster;
  std::vector<std::string> grants;
  std::string reason = "revoked by kubectl errand revoke";
  Seconds timeout{60};
  bool wait = true;
};

constexpr int kUnconfirmed = 1;

Result<api::TaskGrant> read(const kube::Client& client, const std::string& ns, const std::string& name) {
  const auto object = client.get(api::kTaskGrants, ns, name);
  if (!object) return std::unexpected(object.error());
  return api::decode<api::TaskGrant>(*object);
}

std::string ending(const api::TaskGrant& grant) {
  const auto& status = grant.status;
  std::string out = fmt::format("{} ({})", api::toString(*status.phase), shown(status.endedBecause));
  if (status.revocation.rightsGoneMilliseconds)
    out += fmt::format(", rights gone after {} ms", *status.revocation.rightsGoneMilliseconds);
  if (status.revocation.tokenRefusedMilliseconds)
    out += fmt::format(", token refused after {:.1f} s",
                       static_cast<double>(*status.revocation.tokenRefusedMilliseconds) / 1000);
  return out;
}

// True if the revocation is complete. A grant that never started has nothing to confirm.
bool isOver(const api::TaskGrant& grant) {
  return grant.terminal() && (grant.status.revocation.confirmedAt || !grant.status.startedAt);
}

// Sets spec.revoke, unless the grant has ended or spec.revoke is set.
Result<api::TaskGrant> request(const kube::Client& client, const std::string& ns, const std::string& name,
                               const std::string& reason) {
  auto grant = read(client, ns, name);
  if (!grant || grant->terminal() || grant->spec.revokeReason) return grant;
  const auto patched =
      client.mergePatch(api::kTaskGrants, ns, name, {{"spec", {{"revoke", {{"reason", reason}}}}}});
  if (!patched) return std::unexpected(patched.error());
  return api::decode<api::TaskGrant>(*patched);
}

int revoke(const Flags& flags, const kube::Client& client, const std::string& ns, const std::string& name,
           std::chrono::steady_clock::time_point deadline) {
  auto grant = request(client, ns, name, flags.reason);
  if (!grant) return failed(grant.error());
  if (!flags.wait && !grant->terminal()) {
    std::cout << fmt::format("taskgrant/{} is being revoked\n", name) << std::flush;
    return 0;
  }
  while (!isOver(*grant)) {
    if (!flags.wait || std::chrono::steady_clock::now() >= deadline) {
      std::cerr << fmt::format(
          "taskgrant/{}: {}; its tokens are not yet known to be refused. Look again with: kubectl errand "
          "status -n {}\n",
          name, grant->terminal() ? ending(*grant) : "the operator has not ended it", ns);
      return kUnconfirmed;
    }
    std::this_thread::sleep_for(500ms);
    auto next = read(client, ns, name);
    if (!next && next.error().kind == ErrorKind::NotFound) {
      std::cout << fmt::format("taskgrant/{} is deleted\n", name) << std::flush;
      return 0;
    }
    if (!next) return failed(next.error());
    grant = std::move(next);
  }
  std::cout << fmt::format("taskgrant/{} {}\n", name, ending(*grant)) << std::flush;
  return 0;
}

int run(const Flags& flags) {
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const kube::Client client(*cluster->transport);
  const auto deadline = std::chrono::steady_clock::now() + flags.timeout;
  int worst = 0;
  for (const std::string& name : flags.grants)
    worst = std::max(worst, revoke(flags, client, cluster->ns, name, deadline));
  return worst;
}

}  // namespace

void addRevoke(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* revoke = app.add_subcommand(
      "revoke",
      "Ends grants at once (spec.revoke), and waits until the API server is known to refuse their tokens.\n"
      "A grant that has ended stays as it is. Needs patch on taskgrants. Exits with 0, with 1 if an end\n"
      "is not confirmed in time, and with 2 if something failed.");
  revoke->add_option("grant", flags->grants, "The names of the grants")->type_name("GRANT")->required();
  describeConnection(*revoke, flags->cluster);
  describeNamespace(*revoke, flags->cluster);
  revoke->add_option("--reason", flags->reason, "The reason, for the record")
      ->type_name("TEXT")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return text.empty() || text.size() > 256 ? std::string("needs 1 to 256 characters")
                                                     : std::string();
          },
          ""))
      ->capture_default_str();
  revoke->add_flag("--wait,!--no-wait", flags->wait, "Wait until the end is confirmed");
  daemon::addDuration(*revoke, "--timeout", flags->timeout, "The longest time to wait");
  revoke->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
