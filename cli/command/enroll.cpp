#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/enroll/apply.hpp"
#include "cli/enroll/manifests.hpp"

namespace errand::cli {
namespace {

struct Flags {
  ClusterFlags cluster;
  EnrolSpec spec;
  std::vector<std::string> bind;
  bool apply = false;
};

int run(Flags flags) {
  if (const auto fine = check(flags.spec); !fine) return failed(fine.error());
  for (const std::string& role : flags.bind)
    if (const auto added = addRole(flags.spec, role); !added) return failed(added.error());
  if (!flags.apply) {
    std::cout << asYaml(enrolment(flags.spec)) << std::flush;
    return 0;
  }
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const auto done = applyEnrolment(kube::Client(*cluster->transport), flags.spec,
                                   [](const std::string& line) { std::cout << line << std::endl; });
  return done ? 0 : failed(done.error());
}

}  // namespace

void addEnroll(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* enroll = app.add_subcommand(
      "enroll",
      "Prints the objects that enrol a namespace, for kubectl apply: the label, the operator's RoleBinding,\n"
      "the list of roles that the operator may bind there, and a NetworkPolicy that closes the metadata\n"
      "service of nodes. With --apply it creates or completes them with your own rights, and removes\n"
      "nothing. Exits with 0, or with 2 if something failed; run it again then.");
  enroll->add_option("namespace", flags->spec.ns, "The namespace to enrol")
      ->type_name("NAMESPACE")
      ->required();
  enroll
      ->add_option("--bind", flags->bind,
                   "A role that grants of the namespace may bind: NAME for a Role, clusterrole/NAME for a\n"
                   "ClusterRole; may be given several times")
      ->type_name("ROLE");
  enroll->add_flag("--apply", flags->apply, "Apply the objects instead of printing them");
  enroll
      ->add_option(
          "--pod-security", flags->spec.podSecurity,
          "The Pod Security level that the API server enforces; none where an Exemption of SC201 to\n"
          "SC203 is needed")
      ->check(CLI::IsMember({"baseline", "restricted", "none"}))
      ->capture_default_str();
  enroll->add_flag(
      "!--no-metadata-policy", flags->spec.closeMetadataService,
      "Without the NetworkPolicy: for a namespace that has egress policies of its own, which it\n"
      "would widen");
  enroll
      ->add_option("--operator-namespace", flags->spec.operatorNamespace, "The namespace of errand-operator")
      ->type_name("NAMESPACE")
      ->capture_default_str();
  describeConnection(*enroll, flags->cluster);
  enroll->callback([flags, &chosen] {
    if (flags->spec.podSecurity == "none") flags->spec.podSecurity.clear();
    chosen = [flags] { return run(*flags); };
  });
}

}  // namespace errand::cli
