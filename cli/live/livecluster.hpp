// What exists in a cluster, as the rules are to check it. Reads by lists alone, with whatever rights the
// caller has.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/scan/manifestindex.hpp"
#include "cli/scan/scan.hpp"
#include "core/kube/client/client.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

struct LiveScope {
  std::string ns;        // empty: every enrolled namespace, and what is of the whole cluster
  bool secrets = false;  // Secrets that are tokens, by their metadata alone
};

struct LiveObject {
  rules::ObjectView view;
  std::string ns, apiVersion, uid, resourceVersion;
  std::string owner;  // of what a controller has made: ReplicaSet web-7c9
};

struct LiveCluster {
  ManifestIndex context;  // identities, grants and exemptions
  std::vector<LiveObject> objects;
  std::vector<std::string> namespaces;  // that were looked into
  std::vector<Broken> broken;           // what could not be read, such as for want of a right; the rest was
};

// A namespace that was named is looked into whether or not it takes part. Kinds
// that the cluster does not have are passed over. No value of a Secret is asked for. An error: the namespaces
// cannot be listed, or nobody answers.
Result<LiveCluster> readCluster(const kube::Client& client, const LiveScope& scope);

}  // namespace errand::cli
