// Reads the objects of a cluster for the rules. Sends only list requests, with the rights of
// the caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/findings/report.hpp"
#include "cli/scan/manifestindex.hpp"
#include "core/kube/client/client.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

// The part of the cluster to read.
struct LiveScope {
  std::string ns;        // empty means every enrolled namespace, and cluster-scoped objects
  bool secrets = false;  // also read the metadata of Secrets that hold tokens
};

// An object of the cluster.
struct LiveObject {
  rules::ObjectView view;
  std::string ns, apiVersion, uid, resourceVersion;
  std::string owner;  // the controller that created the object: ReplicaSet web-7c9
};

// The objects that were read.
struct LiveCluster {
  // The objects that the rules look up. A namespace that was not read counts as not enrolled.
  ManifestIndex context{{.ns = std::make_shared<const api::PartialObject>()}};
  std::vector<LiveObject> objects;
  std::vector<std::string> namespaces;  // the namespaces that were read
  // Resources that could not be read, such as for lack of a right. The others were read.
  std::vector<Broken> broken;
  std::vector<std::string> notInstalled =
      {};  // kinds that the cluster does not have: certificates.cert-manager.io
};

// Reads the cluster. Reads a named namespace even if it is not enrolled, and skips kinds that the cluster
// does not have. Never reads the value of a Secret. Fails if the namespaces cannot be listed or the API
// server does not answer.
Result<LiveCluster> readCluster(const kube::Client& client, const LiveScope& scope);

}  // namespace errand::cli
