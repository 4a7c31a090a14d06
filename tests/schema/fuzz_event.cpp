// Any bytes: what is read as an event is written, read again as the same, and written again as the
// same bytes. What is read as canonical is so, and means what it means in another form.
#include <cstdlib>

#include "events-schema/canonical.hpp"
#include "tests/schema/padded.hpp"

using namespace boxoffice::schema;
using boxoffice::schema_test::Padded;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Reader reader;
  static Envelope envelope, again;
  static Event event, event_again;
  const Padded text({reinterpret_cast<const char*>(data), size});
  if (!reader.event(text, envelope, event)) return 0;

  if (read_canonical(text, again, event_again)) {
    if (!is_canonical(text, again, event_again)) std::abort();
    std::string spaced{std::string_view(text)};
    spaced.insert(1, " ");
    if (!reader.event(Padded(spaced), envelope, event)) std::abort();
    if (envelope != again || event != event_again) std::abort();
  }
  std::string written;
  write_event(written, envelope, event);
  if (!reader.event(Padded(written), again, event_again)) std::abort();
  if (envelope != again || event != event_again) std::abort();
  if (!is_canonical(written, again, event_again)) std::abort();
  return 0;
}
