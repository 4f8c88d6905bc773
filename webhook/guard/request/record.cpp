#include "webhook/guard/request/record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/api/provenance.hpp"
#include "core/json/pointer.hpp"
#include "rules/view/describe.hpp"

namespace errand::webhook {
namespace {

std::string pathOfAnnotation(std::string_view key) {
  std::string path = "/metadata/annotations";
  appendKey(path, key);
  return path;
}

rules::Patch annotate(const api::PartialObject& object, const api::StringMap& annotations) {
  rules::Patch out;
  if (annotations.empty()) return out;
  if (object.meta.annotations.empty()) out.emplace_back("add", "/metadata/annotations", "{}");
  for (const auto& [key, value] : annotations)
    out.emplace_back("add", pathOfAnnotation(key), rules::jsonString(value));
  return out;
}

bool isRecorded(const api::ObjectMeta& meta) {
  return std::ranges::any_of(api::kRequesterKeys,
                             [&](std::string_view key) { return meta.annotations.contains(key); });
}

}  // namespace

Result<rules::Patch> recordAtCreate(const rules::RequestInfo& info, const api::PartialObject& object) {
  const api::ObjectMeta& meta = object.meta;
  const std::string_view user = meta.annotation(api::kRequesterUser),
                         uid = meta.annotation(api::kRequesterUid);
  if (isRecorded(meta) && (user != info.requester.user || (!uid.empty() && uid != info.requester.uid)))
    return fail(
        ErrorKind::Forbidden,
        fmt::format("metadata.annotations: {} says that {} asked for this TaskGrant, and {} creates it; "
                    "leave the annotations {}* out to ask for it anew",
                    api::kRequesterUser, user.empty() ? "nobody" : rules::inQuotes(user),
                    rules::inQuotes(info.requester.user), api::kRequesterPrefix));
  const auto annotations = api::recordRequester(info.requester);
  if (!annotations) return std::unexpected(annotations.error());
  rules::Patch out = annotate(object, *annotations);
  for (const std::string_view key : api::kRequesterKeys)
    if (meta.annotations.contains(key) && !annotations->contains(key))
      out.emplace_back("remove", pathOfAnnotation(key), "");
  return out;
}

rules::Patch restoreAtUpdate(const api::PartialObject& object, const api::PartialObject& old) {
  api::StringMap missing;
  for (const std::string_view key : api::kRequesterKeys)
    if (const auto it = old.meta.annotations.find(key);
        it != old.meta.annotations.end() && !object.meta.annotations.contains(key))
      missing.insert(*it);
  rules::Patch out = annotate(object, missing);
  if (missing.empty() || !object.meta.finalizers.empty() || old.meta.finalizers.empty()) return out;
  std::string finalizers;
  for (const std::string& name : old.meta.finalizers)
    finalizers += (finalizers.empty() ? "[" : ",") + rules::jsonString(name);
  out.emplace_back("add", "/metadata/finalizers", finalizers + "]");
  return out;
}

std::optional<std::string> notRecorded(const rules::RequestInfo& info, const api::ObjectMeta& meta) {
  const auto recorded = api::recordedRequester(meta);
  if (!recorded) return recorded.error().message;
  if (*recorded != api::asRecorded(info.requester))
    return fmt::format("metadata.annotations: {}* do not describe the user of this request; leave them out",
                       api::kRequesterPrefix);
  return std::nullopt;
}

}  // namespace errand::webhook
