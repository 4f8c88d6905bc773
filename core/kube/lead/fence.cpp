#include "core/kube/lead/fence.hpp"

#include <utility>

namespace errand::kube {
namespace {

Result<Response> callWithin(Transport& inner, const Request& request, Millis limit,
                            const std::stop_token& stop) {
  if (request.timeout <= limit) return inner.call(request, stop);
  Request shorter = request.copy();
  shorter.timeout = limit;
  return inner.call(shorter, stop);
}

// A stop that is requested by the first of two tokens.
class Either {
 public:
  Either(std::stop_token a, std::stop_token b)
      : first_(std::move(a), Stop{&stop_}), second_(std::move(b), Stop{&stop_}) {}
  std::stop_token token() const { return stop_.get_token(); }

 private:
  struct Stop {
    std::stop_source* stop;
    void operator()() const { stop->request_stop(); }
  };
  std::stop_source stop_;
  std::stop_callback<Stop> first_, second_;
};

}  // namespace

void Fence::open() {
  const std::lock_guard lock(mutex_);
  term_ = std::stop_source();
}

void Fence::close() {
  const std::lock_guard lock(mutex_);
  term_.request_stop();
}

std::stop_token Fence::term() {
  const std::lock_guard lock(mutex_);
  return term_.get_token();
}

Result<Response> Fence::call(const Request& request, std::stop_token stop) {
  const Either over(term(), std::move(stop));
  const Millis left = request.method == Method::Get ? request.timeout : leadership_.left();
  if (over.token().stop_requested() || left <= Millis{0})
    return fail(ErrorKind::Cancelled, "this process does not lead");
  return callWithin(inner_, request, left, over.token());
}

Result<Response> Fence::stream(const Request& request, const Sink& sink, std::stop_token stop) {
  const Either over(term(), std::move(stop));
  return inner_.stream(request, sink, over.token());
}

Result<Response> DeadlineTransport::call(const Request& request, std::stop_token stop) {
  return callWithin(inner_, request, limit_, stop);
}

Result<Response> DeadlineTransport::stream(const Request& request, const Sink& sink, std::stop_token stop) {
  return inner_.stream(request, sink, stop);
}

}  // namespace errand::kube
