-- cdcsync: agent
-- Whether SQL Server Agent runs: without it nothing is captured. Rights: view server state.
select cast(case when exists (select * from sys.dm_server_services where servicename like 'SQL Server Agent%' and status = 4) then 1 else 0 end as bit) as is_running;
