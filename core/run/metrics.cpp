#include "run/metrics.h"

#include <cmath>

namespace lodestone {

void ErrorStatistics::add(double difference)
{
    mae += std::abs(difference);
    rmse += difference * difference;
    // Not std::max, which would hide a NaN.
    if (!(std::abs(difference) <= largest))
        largest = std::abs(difference);
    ++count;
}

void ErrorStatistics::add(double difference, double label)
{
    add(difference);
    const double step = label - m_mean;
    m_mean += step / static_cast<double>(count);
    m_squares += step * (label - m_mean);
    spread = 0;
}

void ErrorStatistics::finish()
{
    if (count == 0)
        return;
    if (spread)
        spread = std::sqrt(m_squares / static_cast<double>(count));
    mae /= static_cast<double>(count);
    rmse = std::sqrt(rmse / static_cast<double>(count));
}

Json toJson(const Metrics& metrics)
{
    Json json = Json::object();
    for (const auto& [quantity, errors] : metrics) {
        json[quantity] = {
            {"mae", errors.mae}, {"rmse", errors.rmse}, {"largest", errors.largest}, {"count", errors.count}};
        if (errors.spread)
            json[quantity]["spread"] = *errors.spread;
    }
    return json;
}

Metrics metricsFromJson(const Json& json)
{
    Metrics metrics;
    for (const auto& [quantity, item] : json.items()) {
        const std::string where = "metrics of " + quantity;
        ErrorStatistics& errors = metrics[quantity];
        errors.mae = jsonMember<double>(item, "mae", where);
        errors.rmse = jsonMember<double>(item, "rmse", where);
        errors.largest = jsonMember<double>(item, "largest", where);
        errors.count = jsonMember<std::size_t>(item, "count", where);
        if (item.contains("spread"))
            errors.spread = jsonMember<double>(item, "spread", where);
    }
    return metrics;
}

} // namespace lodestone
