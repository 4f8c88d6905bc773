// Fakes of the network, the clock and randomness for the tests of core/kube.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/base/crypto.hpp"
#include "core/kube/http/transport.hpp"
#include "core/kube/pause.hpp"

namespace errand::kube {

// A request in a form that can be kept and compared.
struct Seen {
  std::string line;  // GET /api/v1/pods?watch=true
  std::string contentType, accept, body;
  bool freshConnection = false;
  int repeats = 0;
  std::string bearer = {};
};

// Answers from a script, in order. A call past the end of the script is Cancelled, as after a stop.
class FakeTransport final : public Transport {
 public:
  using Answer = std::function<Result<Response>(const Sink*)>;

  static Response response(int status, std::string body, Millis retryAfter = Millis{0}) {
    Response out;
    out.status = status;
    out.body = Sensitive(std::move(body));
    out.retryAfter = retryAfter;
    return out;
  }
  void answer(int status, const std::string& body, Millis retryAfter = Millis{0}) {
    then([=](const Sink*) -> Result<Response> { return response(status, body, retryAfter); });
  }
  void fail(ErrorKind kind, const std::string& message = "fake") {
    then([=](const Sink*) -> Result<Response> { return errand::fail(kind, message); });
  }
  // A stream of these pieces, which then ends well.
  void streams(const std::vector<std::string>& pieces) {
    then([=](const Sink* sink) -> Result<Response> {
      for (const std::string& piece : pieces)
        if (!(*sink)(piece)) break;
      return response(200, "");
    });
  }
  void then(Answer answer) { answers_.push_back(std::move(answer)); }
  // Called when the script is over.
  void atEnd(std::function<void()> f) { atEnd_ = std::move(f); }

  Result<Response> call(const Request& request, std::stop_token) override { return next(request, nullptr); }
  Result<Response> stream(const Request& request, const Sink& sink, std::stop_token) override {
    return next(request, &sink);
  }

  std::vector<Seen> seen;

 private:
  Result<Response> next(const Request& request, const Sink* sink) {
    const auto target = encodeTarget(request);
    if (!target) return std::unexpected(target.error());
    seen.push_back({std::string(toString(request.method)) + " " + *target, request.contentType,
                    request.accept, std::string(request.body.reveal()), request.freshConnection,
                    request.repeats, std::string(request.bearer.reveal())});
    if (answers_.empty()) {
      if (atEnd_) atEnd_();
      return errand::fail(ErrorKind::Cancelled, "the script is over");
    }
    const Answer answer = std::move(answers_.front());
    answers_.pop_front();
    return answer(sink);
  }

  std::deque<Answer> answers_;
  std::function<void()> atEnd_;
};

// Records the requested delays without waiting.
struct FakePause {
  std::vector<Millis> waits;
  Pause seam() {
    return [this](Millis wait, const std::stop_token&) {
      waits.push_back(wait);
      return true;
    };
  }
};

class FakeClock final : public Clock {
 public:
  Time now() const override { return time; }
  std::chrono::steady_clock::time_point monotonic() const override { return steady; }
  void advance(Millis by) {
    time += by;
    steady += by;
  }
  Time time{};
  std::chrono::steady_clock::time_point steady{};
};

// Returns `value` each time. With zero, a jittered delay is half of its full length.
class FakeRandom final : public Random {
 public:
  std::uint64_t next() override { return value; }
  std::uint64_t value = 0;
};

inline std::string statusBody(int code, const std::string& reason, const std::string& message) {
  return nlohmann::json{{"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", message}}.dump();
}

}  // namespace errand::kube
