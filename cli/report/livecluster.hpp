// Reads the objects of a cluster for the rules to check. Uses list requests only, with the rights of the
// caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/findings/report.hpp"
#include "cli/scan/manifestindex.hpp"
#include "core/kube/client/client.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

struct LiveScope {
  std::string ns;        // empty: every enrolled namespace, and cluster-scoped objects
  bool secrets = false;  // read Secrets that are tokens, metadata only
};

struct LiveObject {
  rules::ObjectView view;
  std::string ns, apiVersion, uid, resourceVersion;
  std::string owner;  // the controller that created the object: ReplicaSet web-7c9
};

struct LiveCluster {
  // The rules ask about these objects. A namespace that was not read is not enrolled.
  ManifestIndex context{{.ns = std::make_shared<const api::PartialObject>()}};
  std::vector<LiveObject> objects;
  std::vector<std::string> namespaces;  // that were read
  std::vector<Broken> broken;           // what could not be read, e.g. for lack of a right; the rest was read
};

// Reads a named namespace even if it is not enrolled. Skips kinds that the cluster does not have. Never reads
// the value of a Secret. Fails if the namespaces cannot be listed or the API server does not answer.
Result<LiveCluster> readCluster(const kube::Client& client, const LiveScope& scope);

}  // namespace errand::cli
