// List and watch as a state machine, like kube-rs' watcher: answers go in, requests and changes come out.
// Pure: no thread, clock or socket.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/api/resource.hpp"
#include "core/kube/http/transport.hpp"
#include "core/kube/pause.hpp"

namespace errand {
class JsonNode;
}

namespace errand::kube {

// The objects to watch, and how.
struct WatchSpec {
  api::Resource resource;
  std::string ns = {};  // empty: all namespaces
  std::string labelSelector = {}, fieldSelector = {};
  bool metadataOnly = false;  // request PartialObjectMetadata
  // True: an object that does not decode counts as absent. False: its last decodable version stays. Use true
  // if an outdated version may allow something that the current object forbids. Used by Reflector; the
  // machine ignores it.
  bool undecodableIsAbsent = false;
  bool watchList = true;  // stream each complete list if the server supports it (KEP-3157)
  int pageSize = 500;
  Backoff backoff{};
  // The longest wait after 403, 404 or 429. RBAC rules or the CRD may be created soon, or the server may have
  // just started.
  Millis setupCap{5'000};
};

// The receiver of changes. A complete list is init(), then initApply() and initDelete() for its objects, then
// initDone(). Another init() before initDone() discards the incomplete list. After initDone() each change
// arrives separately. An object is valid only during the call.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  virtual void init() = 0;
  virtual void initApply(const JsonNode& object) = 0;
  virtual void initDelete(const JsonNode& object) = 0;
  virtual void initDone(std::string_view resourceVersion) = 0;
  virtual void applied(const JsonNode& object) = 0;
  virtual void deleted(const JsonNode& object) = 0;
  virtual void observed(std::string_view resourceVersion) = 0;  // a bookmark has reported this version
  virtual void unreadable(const Error& why) = 0;  // an event was too long, not JSON, or without an object
};

// The state of one list and watch. For each request call next(), then page() or line() with its answer, then
// ended(). Not thread-safe.
class WatchMachine {
 public:
  enum class Phase {
    WatchList,  // a stream that starts with every object
    List,       // pages; next() is a plain call
    Watch,      // a stream of changes since version()
  };

  WatchMachine(WatchSpec spec, WatchSink& sink, Random& random);

  Phase phase() const { return phase_; }
  const std::string& version() const { return version_; }
  // The consecutive failures without progress between them. They are also reset when the server answers again
  // after an outage.
  unsigned failures() const { return failures_; }

  // Returns the request of the current phase.
  Request next();

  // Handles the body of a List answer with status 200. Fails with Invalid if it is not JSON, and with
  // Internal if it is no list or has no resourceVersion.
  Result<void> page(std::string_view body);

  // Handles one line of a stream. Fails only if the line is an event of type ERROR, with the kind of its
  // Status. The stream is then unusable: pass the error to ended(). After Gone the next request lists again.
  Result<void> line(std::string_view text);

  // Ends the request, with an error or successfully (null). Pass the error of page() or line() here. Returns
  // the time to wait before next(). A list that broke off starts again from its first page.
  Millis ended(const Error* error);

 private:
  void startOver();

  WatchSpec spec_;
  WatchSink& sink_;
  Random& random_;
  Phase phase_;
  std::string version_, continue_;
  unsigned failures_ = 0;
  bool answering_ = true;
  bool progress_ = false;  // a readable event or page has arrived since next()
};

// Splits a stream into lines. Drops and counts lines longer than `limit` bytes.
class LineSplitter {
 public:
  explicit LineSplitter(size_t limit = size_t{32} << 20) : limit_(limit) {}

  // Calls f(line) for each complete line, without its line end. The line is valid only during the call. If f
  // returns false, feed() returns false and drops the rest of `bytes`.
  bool feed(std::string_view bytes, const std::function<bool(std::string_view)>& f);
  size_t dropped() const { return dropped_; }

 private:
  std::string partial_;
  size_t limit_;
  size_t dropped_ = 0;
  bool skipping_ = false;
};

}  // namespace errand::kube
