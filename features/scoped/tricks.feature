@scoped
Feature: Other forms of a path
  However a path is written, a token grants no access to what its scope does not
  name. Any refusal is right, also that of a server which knows no such path. The
  path that a trick is after is shown to exist: a scope that names it grants
  access to it. Paths are sent as they are written here.

  @SCP-28
  Scenario Outline: With the scope <scope> no <trick> grants access to <target>
    Given a token for the scopes "<target>"
    And the token grants access to "<named>"
    And a token for the scopes "<scope>"
    When "GET <path>" is sent with the token
    Then it is refused

    Examples:
      | trick                        | scope          | path                             | target                 | named                   |
      | other letter case            | GET {list}     | {OTHER}                          | GET {other}            | GET {other}             |
      | trailing slash               | GET {list}     | {other}/                         | GET {other}            | GET {other}             |
      | doubled slash                | GET {list}     | /{other}                         | GET {other}            | GET {other}             |
      | doubled slash at the end     | GET {list}     | {other}//                        | GET {other}            | GET {other}             |
      | step up                      | GET {list}     | {list}/..{other}                 | GET {other}            | GET {other}             |
      | step up that is encoded      | GET {list}     | {list}/%2e%2e{other}             | GET {other}            | GET {other}             |
      | step up with encoded slashes | GET {list}     | {list}%2F..%2F{other-segment}    | GET {other}            | GET {other}             |
      | trailing slash               | GET {list}/:id | {list}/                          | GET {list}             | GET {list}              |
      | doubled trailing slash       | GET {list}/:id | {list}//                         | GET {list}             | GET {list}              |
      | dot                          | GET {list}/:id | {list}/.                         | GET {list}             | GET {list}              |
      | encoded dot                  | GET {list}/:id | {list}/%2e                       | GET {list}             | GET {list}              |
      | encoded slash at the end     | GET {list}/:id | {list}/%2F                       | GET {list}             | GET {list}              |
      | encoded slash                | GET {list}/:id | {list}/{id}%2F{below}            | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | encoded slash, small         | GET {list}/:id | {list}/{id}%2f{below}            | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | slash encoded twice          | GET {list}/:id | {list}/{id}%252F{below}          | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | trailing slash below         | GET {list}/:id | {list}/{id}/{below}/             | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | doubled slash below          | GET {list}/:id | {list}/{id}//{below}             | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | letter case below            | GET {list}/:id | {list}/{id}/{BELOW}              | GET {list}/:id/{below} | GET {list}/{id}/{below} |
      | step up from the item        | GET {list}/:id | {list}/..                        | GET {list}             | GET {list}              |
      | two steps up                 | GET {list}/:id | {list}/{id}/../..{other}         | GET {other}            | GET {other}             |
      | step up to the list          | GET {list}/:id | {list}/{id}/..                   | GET {list}             | GET {list}              |
      | encoded step up to the list  | GET {list}/:id | {list}/{id}%2F..                 | GET {list}             | GET {list}              |
