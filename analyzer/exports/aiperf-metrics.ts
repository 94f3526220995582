import type { Metric } from '../models.ts'

/**
 * AIPerf's metrics that a tape can give: names and meanings are the same. Its readers know these tags; of
 * others they have no unit and no title.
 *
 * @see  ai-dynamo/aiperf 0.13, aiperf/metrics; reference of its metrics in its docs
 */
const TAGS = new Set([
  ...['time_to_first_token', 'time_to_second_token', 'time_to_first_output_token'],
  ...['request_latency', 'effective_latency', 'decode_duration', 'stream_setup_latency'],
  ...['inter_token_latency', 'inter_chunk_latency', 'output_token_throughput_per_user'],
  ...['e2e_output_token_throughput', 'prefill_throughput_per_user'],
  ...['full_response_latency', 'full_decode_duration', 'full_response_inter_token_latency'],
  ...['full_response_output_token_throughput_per_user'],
  ...['adj_time_to_first_token', 'adj_inter_token_latency'],
  ...['adj_request_latency', 'adj_effective_latency'],
  ...['input_sequence_length', 'output_sequence_length', 'output_token_count'],
  ...['reasoning_token_count', 'error_isl', 'thinking_efficiency', 'overall_thinking_efficiency'],
  ...['osl_mismatch_count', 'osl_mismatch_diff_pct'],
  ...['total_isl', 'total_osl', 'total_output_tokens', 'total_reasoning_tokens', 'total_error_isl'],
  ...['usage_prompt_tokens', 'usage_completion_tokens', 'usage_total_tokens'],
  ...['usage_reasoning_tokens', 'usage_prompt_cache_read_tokens', 'usage_prompt_cache_miss_tokens'],
  ...['usage_prompt_cache_write_tokens', 'usage_prompt_audio_tokens', 'usage_prompt_audio_seconds'],
  ...['usage_tool_use_prompt_tokens', 'usage_completion_audio_tokens'],
  ...['usage_accepted_prediction_tokens', 'usage_rejected_prediction_tokens'],
  ...['total_usage_prompt_cache_write_tokens', 'total_usage_prompt_cache_miss_tokens'],
  ...['total_usage_prompt_audio_tokens', 'total_usage_prompt_audio_seconds'],
  ...['total_usage_tool_use_prompt_tokens', 'total_usage_completion_audio_tokens'],
  ...['total_usage_accepted_prediction_tokens', 'total_usage_rejected_prediction_tokens'],
  ...['total_usage_prompt_tokens', 'total_usage_completion_tokens', 'total_usage_total_tokens'],
  ...['total_usage_reasoning_tokens', 'total_usage_prompt_cache_read_tokens'],
  ...['overall_usage_prompt_cache_read_pct', 'usage_discrepancy_count'],
  ...['usage_prompt_tokens_diff_pct', 'usage_completion_tokens_diff_pct'],
  ...['usage_reasoning_tokens_diff_pct'],
  ...['request_count', 'error_request_count', 'cancelled_request_count'],
  ...['completed_request_count', 'request_error_rate', 'request_throughput', 'session_throughput'],
  ...['benchmark_duration', 'min_request_timestamp', 'max_response_timestamp'],
  ...['output_token_throughput', 'input_token_throughput', 'total_token_throughput'],
  ...['effective_concurrency', 'effective_prefill_concurrency', 'effective_decode_concurrency'],
  ...['effective_prefill_throughput', 'effective_decode_throughput', 'effective_total_throughput'],
  ...['effective_prefill_throughput_per_user', 'effective_decode_throughput_per_user'],
  ...['active_prefill_throughput', 'active_decode_throughput', 'active_total_throughput'],
  ...['active_prefill_throughput_per_user', 'active_decode_throughput_per_user'],
  ...['tokens_in_flight'],
  ...['http_req_connecting', 'http_req_connection_overhead', 'http_req_connection_reused'],
  ...['http_req_sending', 'http_req_waiting', 'http_req_receiving', 'http_req_duration'],
  ...['http_req_total', 'http_req_data_sent', 'http_req_data_received', 'http_req_chunks_received'],
])

/** Whether AIPerf has a metric of this name and meaning. */
export const isAiperf = ({ name }: Metric): boolean => TAGS.has(name)

/** Metrics of one request, as AIPerf writes them with it: those that count failures are of the run alone. */
export const inRecords = (metric: Metric): boolean =>
  isAiperf(metric) && metric.column !== undefined && !metric.name.startsWith('adj_')
