#include "core/kube/watch/watchmachine.hpp"

#include <algorithm>
#include <utility>

#include "core/json/node.hpp"
#include "core/kube/client/paths.hpp"
#include "core/kube/client/status.hpp"
#include "core/kube/http/reachability.hpp"

namespace errand::kube {
namespace {

// The API server ends a watch after this time. This process ends it a little later, in case the
// server has vanished.
constexpr int kWatchSeconds = 290;
constexpr Millis kWatchTimeout{310'000};
constexpr Millis kListTimeout{60'000};
constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

std::string_view text(const JsonNode& object, std::string_view key) {
  const auto field = object.child(key);
  std::string_view out;
  return field && field->value().get(out) == simdjson::SUCCESS ? out : std::string_view();
}

bool endsInitialEvents(const JsonNode& bookmark) {
  const auto meta = bookmark.child("metadata");
  const auto annotations = meta ? meta->child("annotations") : std::nullopt;
  return annotations && text(*annotations, kInitialEventsEnd) == "true";
}

bool mayPassSoon(const Error* error) {
  return error != nullptr && (error->kind == ErrorKind::Forbidden || error->kind == ErrorKind::NotFound ||
                              error->kind == ErrorKind::TooManyRequests);
}

}  // namespace

WatchMachine::WatchMachine(WatchSpec spec, WatchSink& sink, Random& random)
    : spec_(std::move(spec)), sink_(sink), random_(random) {
  startOver();
}

void WatchMachine::startOver() {
  phase_ = spec_.watchList ? Phase::WatchList : Phase::List;
  version_.clear();
  continue_.clear();
}

Request WatchMachine::next() {
  progress_ = false;
  Request out;
  out.path = collectionPath(spec_.resource, spec_.ns);
  if (!spec_.labelSelector.empty()) out.query.emplace_back("labelSelector", spec_.labelSelector);
  if (!spec_.fieldSelector.empty()) out.query.emplace_back("fieldSelector", spec_.fieldSelector);
  if (phase_ == Phase::List) {
    if (spec_.metadataOnly) out.accept = kMetadataListAccept;
    out.timeout = kListTimeout;
    out.query.emplace_back("limit", std::to_string(spec_.pageSize));
    if (!continue_.empty()) out.query.emplace_back("continue", continue_);
    return out;
  }
  if (spec_.metadataOnly) out.accept = kMetadataAccept;
  out.timeout = kWatchTimeout;
  out.query.emplace_back("watch", "true");
  out.query.emplace_back("allowWatchBookmarks", "true");
  out.query.emplace_back("timeoutSeconds", std::to_string(kWatchSeconds));
  if (phase_ == Phase::WatchList) {
    sink_.init();
    out.query.emplace_back("sendInitialEvents", "true");
    out.query.emplace_back("resourceVersionMatch", "NotOlderThan");
  } else {
    out.query.emplace_back("resourceVersion", version_);
  }
  return out;
}

Result<void> WatchMachine::page(std::string_view body) {
  const auto document = JsonDocument::parse(body);
  if (!document) return std::unexpected(Error(document.error()).in("list"));
  JsonNode::Failure failure;
  const JsonNode list(*document, failure);
  if (!list.isObject()) return fail(ErrorKind::Internal, "list: the answer is no list");
  progress_ = true;
  if (continue_.empty()) sink_.init();
  list.list("items", [&](const JsonNode& item) { sink_.initApply(item); });
  if (!failure.message.empty()) return fail(ErrorKind::Internal, "list: " + failure.message);
  const auto meta = list.child("metadata");
  continue_ = meta ? text(*meta, "continue") : "";
  if (!continue_.empty()) return {};
  version_ = meta ? text(*meta, "resourceVersion") : "";
  if (version_.empty()) return fail(ErrorKind::Internal, "list: the answer has no resourceVersion");
  phase_ = Phase::Watch;
  sink_.initDone(version_);
  return {};
}

Result<void> WatchMachine::line(std::string_view line) {
  if (line.empty()) return {};
  const auto document = JsonDocument::parse(line);
  if (!document) {
    sink_.unreadable(document.error());
    return {};
  }
  JsonNode::Failure failure;
  const JsonNode event(*document, failure);
  const std::string_view type = text(event, "type");
  const auto object = event.child("object");
  if (!object) {
    sink_.unreadable(Error{ErrorKind::Invalid, "a watch event without an object"});
    return {};
  }
  if (type == "ERROR") return std::unexpected(errorOfStatus(*object));
  progress_ = true;
  const auto meta = object->child("metadata");
  const std::string_view version = meta ? text(*meta, "resourceVersion") : "";

  if (phase_ == Phase::WatchList) {
    if (type == "ADDED" || type == "MODIFIED") {
      sink_.initApply(*object);
    } else if (type == "DELETED") {
      sink_.initDelete(*object);
    } else if (type == "BOOKMARK" && endsInitialEvents(*object) && !version.empty()) {
      version_ = version;
      phase_ = Phase::Watch;
      sink_.initDone(version_);
    }
    return {};
  }
  if (type == "ADDED" || type == "MODIFIED")
    sink_.applied(*object);
  else if (type == "DELETED")
    sink_.deleted(*object);
  else if (type == "BOOKMARK")
    sink_.observed(version);
  if (!version.empty()) version_ = version;
  return {};
}

Millis WatchMachine::ended(const Error* error) {
  if (progress_) failures_ = 0;
  const bool asked = phase_ == Phase::WatchList;
  // An incomplete list has no version to continue from: list again.
  if (phase_ != Phase::Watch && (error != nullptr || asked)) startOver();
  if (error == nullptr && progress_) return Millis{0};
  if (error != nullptr && error->kind == ErrorKind::Gone) startOver();
  if (error != nullptr && error->kind == ErrorKind::Invalid && asked && !progress_) {
    spec_.watchList = false;  // a server without WatchList rejects sendInitialEvents with 400 or 422
    startOver();
    return Millis{0};
  }
  // If the server answers again, even with an error, retry soon: the failures start from zero.
  const bool answers = error == nullptr || !unanswered(*error);
  if (!std::exchange(answering_, answers) && answers) failures_ = 0;
  Backoff backoff = spec_.backoff;
  if (mayPassSoon(error)) backoff.cap = std::min(backoff.cap, spec_.setupCap);
  const Millis wait = backoff.delay(failures_++, random_);
  return error == nullptr ? wait : std::max(wait, std::min(error->retryAfter, spec_.backoff.cap));
}

bool LineSplitter::feed(std::string_view bytes, const std::function<bool(std::string_view)>& f) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    const bool complete = end != std::string_view::npos;
    bytes.remove_prefix(complete ? end + 1 : bytes.size());
    if (!skipping_ && partial_.size() + piece.size() > limit_) {
      skipping_ = true;
      ++dropped_;
      partial_ = {};
    }
    if (!complete) {
      if (!skipping_) partial_ += piece;
      return true;
    }
    if (std::exchange(skipping_, false)) continue;
    if (partial_.empty()) {
      if (!f(piece)) return false;
    } else {
      partial_ += piece;
      const bool more = f(partial_);
      partial_.clear();
      if (!more) return false;
    }
  }
  return true;
}

}  // namespace errand::kube
