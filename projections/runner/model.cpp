#include "projections/runner/model.hpp"

namespace boxoffice::projections {

LoggedEvent logged(const schema::Envelope& envelope, const schema::Event& event) {
  LoggedEvent logged{.envelope = envelope, .event = event};
  if (!schema::read_id(envelope.subject, logged.subject)) logged.subject = {};
  return logged;
}

}  // namespace boxoffice::projections
