#include <utility>  // before Asio, which lacks this include in Boost 1.74

#include "core/serve/io/turns.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace errand::serve {

namespace asio = boost::asio;

asio::awaitable<void> Turns::await(asio::steady_timer& bell, const Payer& payer) {
  waiting_.push_back({&bell, &payer});
  // Runs after everything that is ready, so that there are requests to choose from.
  if (!std::exchange(calling_, true)) asio::post(io_, [this] { next(); });
  boost::system::error_code error;
  bell.expires_at(asio::steady_timer::time_point::max());
  co_await bell.async_wait(asio::redirect_error(asio::use_awaitable, error));
  std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.bell == &bell; });
}

void Turns::next() {
  calling_ = !waiting_.empty();
  if (!calling_) return;
  const std::size_t chosen =
      spending_.least(waiting_.size(), [&](std::size_t i) -> const Payer& { return *waiting_[i].payer; });
  asio::steady_timer* const bell = waiting_[chosen].bell;
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(chosen));
  bell->cancel();
  asio::post(io_, [this] { next(); });
}

}  // namespace errand::serve
