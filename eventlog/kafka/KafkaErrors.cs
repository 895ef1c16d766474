using Confluent.Kafka;

namespace CdcSync.EventLog.Kafka;

/// <summary>Says in words of the log what Kafka said in its own.</summary>
static class KafkaErrors
{
    public static bool IsFence(KafkaException error) =>
        error.Error.Code is ErrorCode.Local_Fenced or ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;

    public static EventLogException Explain(string doing, string bootstrap, KafkaException error)
    {
        var why = error.Error.Code switch
        {
            ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve =>
                $"no broker of {bootstrap} can be reached ({error.Error.Reason}). Is Kafka running, and is the address right",
            ErrorCode.Local_TimedOut or ErrorCode.RequestTimedOut or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_TimedOutQueue =>
                $"Kafka at {bootstrap} did not answer in time ({error.Error.Reason}). Is it running, and is the address right",
            ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed =>
                $"Kafka does not allow it ({error.Error.Reason}). Grant the user of the connection topics, group ids and transactional ids 'cdcsync.*'",
            ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => $"Kafka refused the credentials ({error.Error.Reason})",
            ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress or ErrorCode.FencedInstanceId =>
                $"the group is read elsewhere meanwhile ({error.Error.Reason}). Go on reading: it continues from the stored place",
            _ => $"Kafka answered {error.Error.Code}: {error.Error.Reason}",
        };
        return new EventLogException($"The log could not {doing}: {why}.", error);
    }
}
