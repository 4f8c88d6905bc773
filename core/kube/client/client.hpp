// A client of the API server with one method per verb.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/resource.hpp"
#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/kube/client/review.hpp"
#include "core/kube/http/transport.hpp"
#include "core/kube/pause.hpp"

namespace errand::kube {

enum class Propagation { Background, Foreground, Orphan };

// The objects of a list request.
struct ListOptions {
  std::string ns = {};  // empty means all namespaces
  std::string labelSelector = {}, fieldSelector = {};
  bool metadataOnly = false;  // PartialObjectMetadata: the server sends no spec, status or data
};

// A write for a dry run: creates the object `body`, or patches the object `name` by the merge patch `body`.
struct Attempt {
  api::Resource resource;
  std::string ns = {}, name = {};
  std::string body = {};  // JSON
};

// Guarantees of every method:
// - An error's kind follows the reason of the server's metav1.Status, or else the HTTP code. Its message
//   names the operation and quotes the server.
// - Fails with Invalid if a name cannot be part of a URL or an answer is not JSON, and with Internal if an
//   answer has an unexpected form.
// - No message contains a token or data of a Secret.
// - 429 (the server has done nothing) is retried up to three times, after Retry-After: 1 s without the
//   header, 10 s at most.
// - Any other failure is returned at once, because the work queue decides about a retry. After Unavailable or
//   Timeout a write may have been executed.
// - Returned objects have no metadata.managedFields.
//
// Safe to use from several threads. Pass an empty `ns` for cluster-scoped kinds.
class Client {
 public:
  using json = nlohmann::json;

  // Calls end with Cancelled once `stop` is requested. `transport` must outlive this.
  explicit Client(Transport& transport, std::stop_token stop = {}, Pause pause = systemPause());

  Result<json> get(const api::Resource& resource, std::string_view ns, std::string_view name) const;

  // Returns only the metadata: the server sends no data of a Secret.
  Result<api::PartialObject> getMetadata(const api::Resource& resource, std::string_view ns,
                                         std::string_view name) const;

  // Returns all pages as one list: {metadata: {resourceVersion}, items: [...]}. If the list expires between
  // two pages, it starts again once, and fails with Gone the second time.
  Result<json> list(const api::Resource& resource, const ListOptions& options = {}) const;

  // Returns the plurals of the kinds that the API server serves in this group and version. Fails with
  // NotFound if it serves none.
  Result<std::vector<std::string>> servedKinds(std::string_view group, std::string_view version) const;

  // Fails with AlreadyExists if an object of that name exists.
  Result<json> create(const api::Resource& resource, std::string_view ns, const json& object) const;

  // Applies the object by server-side apply, as field manager errand-operator and with force. Pass the
  // object's own name and namespace. A metadata.uid in the object is a precondition: fails with Conflict.
  // https://kubernetes.io/docs/reference/using-api/server-side-apply/
  Result<json> apply(const api::Resource& resource, std::string_view ns, std::string_view name,
                     const json& object) const;

  // Applies a JSON Patch (RFC 6902). Fails with Invalid if a `test` fails: the API server answers 422.
  Result<json> jsonPatch(const api::Resource& resource, std::string_view ns, std::string_view name,
                         const json& operations) const;
  // Applies a JSON Merge Patch (RFC 7386). Fails with Conflict if its metadata.resourceVersion is outdated.
  Result<json> mergePatch(const api::Resource& resource, std::string_view ns, std::string_view name,
                          const json& patch) const;

  // Replaces the whole status by a JSON patch of the subresource. A resourceVersion is a precondition: fails
  // with Conflict if the object has changed.
  Result<json> patchStatus(const api::Resource& resource, std::string_view ns, std::string_view name,
                           const json& status, std::string_view resourceVersion = {}) const;
  // Like patchStatus(), but only if all `tests` (RFC 6902 operations) succeed; otherwise it fails with
  // Invalid. A concurrent write causes no Conflict: the API server retries five times on the current object.
  Result<json> patchStatusIf(const api::Resource& resource, std::string_view ns, std::string_view name,
                             json tests, const json& status) const;

  // Sets the number of replicas of a Deployment through the subresource `scale`.
  Result<void> scale(std::string_view ns, std::string_view deployment, int replicas) const;

  // Deletes the object. It may still exist after success, until its finalizers are removed. Fails with
  // Conflict if the object of that name has another uid, and with NotFound if there is none. An empty uid
  // sets no precondition.
  Result<void> remove(const api::Resource& resource, std::string_view ns, std::string_view name,
                      std::string_view uid, Propagation propagation = Propagation::Background) const;

  // Sends a dry run of this write with `token` as credential: nothing is stored. Succeeds if the API server
  // admits it. The error is the rejection, or the reason why there is no answer.
  Result<void> tryAs(const Sensitive& token, const Attempt& attempt) const;

  // For Secrets: the data is never parsed into memory that is not wiped. `body` is JSON. Writes return
  // metadata.
  Result<Sensitive> getRaw(const api::Resource& resource, std::string_view ns, std::string_view name) const;
  Result<api::PartialObject> createRaw(const api::Resource& resource, std::string_view ns,
                                       Sensitive body) const;
  Result<api::PartialObject> applyRaw(const api::Resource& resource, std::string_view ns,
                                      std::string_view name, Sensitive body) const;

  // The review APIs; see review.hpp.
  // - requestToken() fails with Internal if the token is not a JWT with iat, exp and jti.
  // - reviewToken() fails with Invalid if the token is empty or no bearer token, without sending it.
  //   `freshConnection` reaches any API server of a cluster, not only the one of the last call.
  Result<IssuedToken> requestToken(std::string_view ns, std::string_view account,
                                   const TokenSpec& spec) const;
  Result<TokenReview> reviewToken(const Sensitive& token, const std::vector<std::string>& audiences,
                                  bool freshConnection) const;
  Result<AccessAnswer> accessReview(const AccessQuestion& question) const;

 private:
  Result<Response> send(Request& request, std::string_view doing, bool sensitive) const;
  Result<Response> send(Request&& request, std::string_view doing, bool sensitive) const {
    return send(request, doing, sensitive);
  }
  Result<json> sendJson(Request request, std::string_view doing) const;
  Result<api::PartialObject> sendRaw(Request& request, std::string_view doing) const;

  Transport& transport_;
  std::stop_token stop_;
  Pause pause_;
};

}  // namespace errand::kube
