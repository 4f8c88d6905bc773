// Decides which events become objects, and which are counted in an existing object, like client-go's package
// tools/events. Pure: no thread, clock or socket.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <tuple>

#include "core/base/crypto.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/review.hpp"

namespace errand::kube {

// An event and the object that it concerns. `reason` and `action` are constants of this project; `note` is
// text for people.
struct Event {
  ObjectReference regarding;
  std::string reason, action, note;
  bool warning = false;
};

// A receiver of events.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Never blocks on the network.
  virtual void record(Event event) = 0;
};

// The reportingController and reportingInstance of events.k8s.io/v1.
struct Reporter {
  std::string controller = "errand.dev/operator";
  std::string instance;  // the pod's name; empty means the controller's name
};

// The series of events that are in progress, at most 4,096. Beyond that it drops the series whose last event
// is oldest. Not thread-safe. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
class EventSeries {
 public:
  struct Write {
    bool create = false;
    std::string ns, name;
    std::string body;  // an Event to create, or a merge patch of its series
  };

  explicit EventSeries(Reporter reporter, Random& random) : reporter_(std::move(reporter)), random_(random) {}

  // Returns the write that reports this event; nullopt if the event is only counted. Equal events with less
  // than six minutes between them form one series, as in client-go. A series is reported at its second event,
  // and then at most once a minute. Cuts texts to the API's limits (note: 1,024 bytes).
  std::optional<Write> add(const Event& event, Time now);

  // Returns the write for one series with counted events and no report for a minute. Call it until nullopt.
  std::optional<Write> due(Time now);

  // Call it if a write of this object failed. The next event of the series creates another object.
  void forget(const std::string& name);

  size_t size() const { return series_.size(); }

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string, bool>;
  struct Entry {
    std::string ns, name;
    int count = 1, reported = 1;
    Time last, reportedAt;
  };

  Write report(Entry& entry, Time now) const;
  void makeRoom(Time now);

  Reporter reporter_;
  Random& random_;
  std::map<Key, Entry> series_;
};

}  // namespace errand::kube
