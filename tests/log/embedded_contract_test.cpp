#include "event-log/embedded/embedded_log.hpp"
#include "tests/log/contract.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::event_log::testing {

template <std::size_t segment_bytes>
class EmbeddedAdapter {
 public:
  static constexpr bool kBatchesSpanPartitions = true;

  EmbeddedAdapter() { reopen(); }

  Log& log() { return *log_; }

  void reopen() {
    log_.reset();
    auto opened = open_embedded(
        {.directory = directory_.path(), .partitions = 4, .segment_bytes = segment_bytes});
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
  }

 private:
  const TemporaryDirectory directory_;
  std::unique_ptr<Log> log_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, LogContract, EmbeddedAdapter<std::size_t{256} << 20>);
INSTANTIATE_TYPED_TEST_SUITE_P(EmbeddedInSmallSegments, LogContract, EmbeddedAdapter<4096>);

}  // namespace boxoffice::event_log::testing
