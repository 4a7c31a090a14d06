// Any bytes: what is read as an event is written, read again as the same, and written again as the
// same bytes.
#include <cstdlib>

#include "tests/schema/padded.hpp"

using namespace boxoffice::schema;
using boxoffice::schema_test::Padded;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Reader reader;
  static Envelope envelope, again;
  static Event event, event_again;
  const Padded text({reinterpret_cast<const char*>(data), size});
  if (!reader.event(text, envelope, event)) return 0;

  std::string written;
  write_event(written, envelope, event);
  if (!reader.event(Padded(written), again, event_again)) std::abort();
  if (envelope != again || event != event_again) std::abort();
  if (!is_canonical(written, again, event_again)) std::abort();
  return 0;
}
