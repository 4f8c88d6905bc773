#include "core/kube/lead/fence.hpp"

#include <algorithm>

namespace errand::kube {
namespace {

Result<Response> callWithin(Transport& inner, const Request& request, Millis limit,
                            const std::stop_token& stop) {
  if (request.timeout <= limit) return inner.call(request, stop);
  Request shorter = request.copy();
  shorter.timeout = limit;
  return inner.call(shorter, stop);
}

}  // namespace

Result<Response> Fence::call(const Request& request, std::stop_token stop) {
  if (request.method == Method::Get) return inner_.call(request, stop);
  const Millis left = leadership_.left();
  if (left <= Millis{0}) return fail(ErrorKind::Cancelled, "this process does not lead");
  return callWithin(inner_, request, left, stop);
}

Result<Response> Fence::stream(const Request& request, const Sink& sink, std::stop_token stop) {
  return inner_.stream(request, sink, stop);
}

Result<Response> Hurried::call(const Request& request, std::stop_token stop) {
  return callWithin(inner_, request, limit_, stop);
}

Result<Response> Hurried::stream(const Request& request, const Sink& sink, std::stop_token stop) {
  return inner_.stream(request, sink, stop);
}

}  // namespace errand::kube
