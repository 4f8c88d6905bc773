// A sorted set in a few large blocks. For small elements it needs far less memory than a tree.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace errand::kube {

// T must be cheap to move. Less must be a strict weak order, also between T and the keys of lookups. An
// insertion moves the elements of at most one block. Not thread-safe.
template <class T, class Less>
class SortedBlocks {
 public:
  size_t size() const { return size_; }

  // Returns the element equal to `key`; null if there is none. Valid until the next insert() or erase().
  template <class K>
  const T* find(const K& key) const {
    const T* found = nullptr;
    from(key, [&](const T& first) {
      if (!less_(key, first)) found = &first;
      return false;
    });
    return found;
  }

  // Calls f for each element that is not less than `key`, in order, while f returns true.
  template <class K, class F>
  void from(const K& key, F f) const {
    auto block = blockOf(key);
    if (block == blocks_.end()) return;
    auto it = std::lower_bound(block->begin(), block->end(), key, less_);
    for (;; it = block->begin()) {
      for (; it != block->end(); ++it)
        if (!f(*it)) return;
      if (++block == blocks_.end()) return;
    }
  }

  template <class F>
  void each(F f) const {
    for (const auto& block : blocks_)
      for (const T& item : block) f(item);
  }

  // Inserts the element, or replaces the equal one.
  void insert(T item) {
    const auto at = blockOf(item) - blocks_.begin();
    // An element after all others goes into the last block, so that sorted input fills each block completely.
    const bool last = static_cast<size_t>(at) == blocks_.size();
    if (last && (blocks_.empty() || blocks_.back().size() >= kMost)) blocks_.emplace_back();
    auto& block = last ? blocks_.back() : blocks_[static_cast<size_t>(at)];
    const auto place = std::lower_bound(block.begin(), block.end(), item, less_);
    if (place != block.end() && !less_(item, *place)) {
      *place = std::move(item);
      return;
    }
    if (block.size() >= kMost) {
      split(static_cast<size_t>(at));
      return insert(std::move(item));
    }
    const auto offset = place - block.begin();
    if (block.size() == block.capacity()) block.reserve(std::min(kMost, block.size() + kGrowth));
    block.insert(block.begin() + offset, std::move(item));
    ++size_;
  }

  // Removes the element equal to `key`. Returns true if there was one.
  template <class K>
  bool erase(const K& key) {
    const auto at = static_cast<size_t>(blockOf(key) - blocks_.begin());
    if (at == blocks_.size()) return false;
    auto& block = blocks_[at];
    const auto place = std::lower_bound(block.begin(), block.end(), key, less_);
    if (less_(key, *place)) return false;
    block.erase(place);
    --size_;
    if (block.empty()) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
  }

 private:
  // A block grows by kGrowth elements. std::vector would double its capacity and leave a third empty.
  static constexpr size_t kMost = 128, kGrowth = 16;
  using Blocks = std::vector<std::vector<T>>;

  // Returns the first block whose last element is not less than `key`. No block is empty.
  template <class K>
  typename Blocks::const_iterator blockOf(const K& key) const {
    return std::partition_point(blocks_.begin(), blocks_.end(),
                                [&](const auto& block) { return less_(block.back(), key); });
  }

  void split(size_t at) {
    auto& block = blocks_[at];
    const auto middle = block.begin() + static_cast<std::ptrdiff_t>(block.size() / 2);
    std::vector<T> upper(std::make_move_iterator(middle), std::make_move_iterator(block.end()));
    block.erase(middle, block.end());
    block.shrink_to_fit();
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(upper));
  }

  Blocks blocks_;
  size_t size_ = 0;
  [[no_unique_address]] Less less_;
};

}  // namespace errand::kube
