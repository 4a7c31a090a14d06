#include "projections/audit/concern.hpp"

#include <variant>

namespace boxoffice::projections {

Concern concern_of(const schema::Envelope& envelope, const schema::Event& event) {
  Concern concern;
  std::visit(
      [&]<class Data>(const Data& data) {
        // Members of the same name mean the same in all events.
        if constexpr (requires { concern.person = data.person; }) concern.person = data.person;
        if constexpr (requires { concern.ticket = data.ticket; }) concern.ticket = data.ticket;
        if constexpr (requires { concern.occasion = data.occasion; })
          concern.occasion = data.occasion;
        else if constexpr (Data::kTopic != schema::Topic::accounts &&
                           Data::kTopic != schema::Topic::deliveries &&
                           Data::kTopic != schema::Topic::audit)
          concern.occasion = schema::id_from_text<schema::OccasionId>(envelope.subject);
      },
      event);
  return concern;
}

std::string_view bare_type(std::string_view type) {
  constexpr std::string_view kPrefix = "boxoffice.";
  if (type.starts_with(kPrefix)) type.remove_prefix(kPrefix.size());
  return type;
}

bool matches(const AuditFilter& filter, const schema::Envelope& envelope,
             const schema::Event& event, const Concern& concern) {
  if (filter.from && envelope.time < *filter.from) return false;
  if (filter.to && envelope.time >= *filter.to) return false;
  if (filter.principal && envelope.actor != *filter.principal) return false;
  if (filter.type && schema::name_of(event) != bare_type(*filter.type)) return false;
  return (!filter.occasion || filter.occasion == concern.occasion) &&
         (!filter.person || filter.person == concern.person) &&
         (!filter.ticket || filter.ticket == concern.ticket);
}

}  // namespace boxoffice::projections
